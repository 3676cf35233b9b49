// A page of Streamlit is empty for ever where a network lets no WebSockets through, as proxies of some schools and firms do.
// deploy/nginx.conf adds this file to each page: it says so, once the server answers and the page still has nothing.
const PATIENCE = 12_000; // milliseconds
const SENTENCE =
  "The app answers, but this page stays empty: the network between the two lets no WebSockets through, which the app needs. " +
  "Try another network, a phone's say, or ask whoever runs this one to let WebSockets pass to ";
const base = new URL("../..", document.currentScript.src);

function isConnected() {
  return document.querySelector("[data-testid=stApp][data-test-connection-state=CONNECTED]") !== null;
}

async function look() {
  if (isConnected()) return;
  const answer = await fetch(new URL("_stcore/health", base), { cache: "no-store" }).catch(() => null);
  if (!answer?.ok || isConnected()) return void setTimeout(look, PATIENCE);
  const note = document.createElement("div");
  note.setAttribute("role", "alert");
  note.textContent = `${SENTENCE}${base.host}.`;
  note.style =
    "position:fixed;inset:25vh 1rem auto;z-index:9999999;max-width:34rem;margin:auto;padding:1rem 1.25rem;border-radius:8px;" +
    "font:1rem/1.5 Inter,sans-serif;color:#16211f;background:#fff;border:1px solid #c2410c;box-shadow:0 4px 24px #0003";
  document.body.append(note);
  const wait = setInterval(() => {
    if (!isConnected()) return;
    clearInterval(wait);
    note.remove();
  }, 1_000);
}

setTimeout(look, PATIENCE);
