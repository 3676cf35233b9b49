// Who this browser is: a secret that it keeps. The server offers one; a browser that has another says so.
// A cookie comes with each connection, so that the first page is the visitor's already. Within a frame on another
// site, where there are none, what the browser stores for this site is told right after.
const NAME = "fmnist_visitor";
const LINK = "#visitor=";
const YEAR = 365 * 24 * 3600;  // seconds
let inThisPage = null;  // where the browser stores nothing

function kept() {
  try {
    return localStorage.getItem(NAME) || inThisPage;
  } catch {
    return inThisPage;
  }
}

function keep(secret, path) {
  inThisPage = secret;
  try {
    localStorage.setItem(NAME, secret);
  } catch {
    // nothing can be stored: it lasts as long as the page
  }
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${NAME}=${secret}; Path=${path}; Max-Age=${YEAR}; SameSite=Lax${secure}`;
}

// told: what the server says. secret: whom it takes this browser for. taken: the visitor has said that it becomes that.
// path: where the app is on its site.
export function identify(told, setTriggerValue) {
  if (!told?.secret) return;
  const mine = kept();
  if (!mine || told.taken) keep(told.secret, told.path);
  else if (mine !== told.secret) setTriggerValue("secret", mine);
  else keep(mine, told.path);  // for another year
  if (location.hash.startsWith(LINK)) {
    const linked = location.hash.slice(LINK.length);
    history.replaceState(history.state, "", location.pathname + location.search);  // no secret stays in the address
    if (linked !== kept()) setTriggerValue("linked", linked);
  }
}
