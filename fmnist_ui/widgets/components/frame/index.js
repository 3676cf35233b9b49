// What every page has: see translation.js, print.js, refused.js, menu.js, keys.js, lesson_keys.js, connection.js,
// awake.js and identity.js.
import { watchAwaking } from "./awake.js";
import { hearOfConnection, watchConnection } from "./connection.js";
import { identify } from "./identity.js";
import { keepKeys } from "./keys.js";
import { listenForLessonKeys } from "./lesson_keys.js";
import { nameMenu } from "./menu.js";
import { fitPrint } from "./print.js";
import { explainRefused } from "./refused.js";
import { standTranslation } from "./translation.js";

export default function frame({ data, setTriggerValue }) {
  identify(data, setTriggerValue);
  hearOfConnection(setTriggerValue);
  if (window.fmnistFramed) return;
  window.fmnistFramed = true;
  standTranslation();
  fitPrint();
  explainRefused();
  nameMenu();
  keepKeys();
  listenForLessonKeys();
  watchConnection();
  watchAwaking();
}
