// What this tab keeps: for as long as it is open where the browser stores things, and as long as the page where not.
const PREFIX = "fmnist_";
const inThisPage = new Map(); // the newest of what was kept; null where something was taken away

export function keptInTab(name) {
  if (inThisPage.has(name)) return inThisPage.get(name);
  try {
    return JSON.parse(sessionStorage.getItem(PREFIX + name));
  } catch {
    return null;
  }
}

// value: as JSON has them; null: nothing.
export function keepInTab(name, value) {
  inThisPage.set(name, value);
  try {
    sessionStorage.removeItem(PREFIX + name); // if there is no room for the new one, the old one is no longer true
    if (value !== null) sessionStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // nothing can be stored, or no more
  }
}
