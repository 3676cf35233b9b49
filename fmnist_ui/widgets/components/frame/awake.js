// After a sleep, or in another network, a connection may be dead without having been closed: the page looks alive, and no
// click is answered, for as long as the system waits for its packets, which may be a quarter of an hour. So whoever comes
// back asks for a run of the page; where the server can be reached and yet says nothing, Streamlit is told that its
// connection is closed, and opens another one.
import { askForRun } from "./connection.js";

const ABSENT = 90_000; // milliseconds without a tick; a hidden page has one a minute
const PATIENCE = 5_000;
let socket = null; // the one that was sent to last
let heardAt = 0;

export function watchAwaking() {
  noteSocket();
  let tickedAt = Date.now();
  const tick = () => {
    if (document.hidden) return;
    const absent = Date.now() - tickedAt;
    tickedAt = Date.now();
    if (absent > ABSENT) check();
  };
  setInterval(tick, 5_000);
  document.addEventListener("visibilitychange", tick);
  addEventListener("online", () => check());
}

function noteSocket() {
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (...sent) {
    if (this !== socket && this.url.includes("/_stcore/stream")) {
      socket = this;
      this.addEventListener("message", () => (heardAt = Date.now()));
    }
    return send.apply(this, sent);
  };
}

async function check() {
  const askedAt = Date.now();
  askForRun();
  await new Promise((done) => setTimeout(done, PATIENCE));
  const isOpen = socket?.readyState === WebSocket.OPEN;
  if (!isOpen || heardAt >= askedAt) return; // Streamlit knows that it is closed, or it is alive
  if (!(await reached())) check(); // the network is not back yet
  else if (heardAt < askedAt) {
    socket.dispatchEvent(new CloseEvent("close", { code: 1006 })); // by itself it would wait for the other side
    socket.close();
  }
}

async function reached() {
  try {
    const base = new URL(socket.url.replace(/^ws/, "http").replace(/stream.*$/, "health"));
    return (await fetch(base, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) })).ok;
  } catch {
    return false;
  }
}
