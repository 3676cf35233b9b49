// Keeps for this tab what the server says, and gives it to a session of the server that is another one, once.
import { keepInTab, keptInTab } from "../tab_storage.js";

export default function keep({ data, setTriggerValue }) {
  const { name, session, value } = data;
  const kept = keptInTab(name);
  const another = kept && kept.session !== session;
  // What is given is kept no longer: Streamlit calls this again only where the server says something else.
  keepInTab(name, another || value === null ? null : { session, value });
  if (another) setTriggerValue("given", { value: kept.value });
}
