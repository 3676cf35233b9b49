// Lets React go on where a browser's translator has put other nodes in the place of its texts. Translators replace a
// text by <font> elements; React keeps the text, changes it where nobody sees it, or fails to take it out again:
// https://github.com/facebook/react/issues/11538

const standIns = new WeakMap(); // a text that was taken out of the page -> what was put in its place

export function standTranslation() {
  new MutationObserver((records) => records.forEach(noteStandIn)).observe(document.body, { childList: true, subtree: true });
  keepChildren();
  keepTexts();
}

function noteStandIn({ removedNodes, addedNodes, previousSibling, nextSibling }) {
  for (const text of removedNodes) {
    if (text.nodeType !== Node.TEXT_NODE) continue;
    const put = [...addedNodes, previousSibling, nextSibling].find((node) => node?.nodeName === "FONT");
    if (put) standIns.set(text, put);
  }
}

// What stands for a node among the children of a parent; null where nothing does.
function placeOf(parent, node) {
  if (node?.parentNode === parent) return node;
  const put = standIns.get(node) ?? outermostFont(parent, node);
  return put?.parentNode === parent ? put : null;
}

// Some translators move the text itself into the element.
function outermostFont(parent, node) {
  let found = node?.parentNode;
  while (found?.nodeName === "FONT" && found.parentNode !== parent) found = found.parentNode;
  return found?.nodeName === "FONT" ? found : null;
}

function keepChildren() {
  const { insertBefore, removeChild } = Node.prototype;
  Node.prototype.removeChild = function (child) {
    if (child.parentNode === this) return removeChild.call(this, child);
    const put = placeOf(this, child);
    if (put) removeChild.call(this, put);
    return child; // it is not among the children any more, which is all that was asked for
  };
  Node.prototype.insertBefore = function (child, before) {
    return insertBefore.call(this, child, before ? placeOf(this, before) : null);
  };
}

function keepTexts() {
  const { get, set } = Object.getOwnPropertyDescriptor(Node.prototype, "nodeValue");
  Object.defineProperty(Node.prototype, "nodeValue", {
    configurable: true,
    enumerable: true,
    get,
    set(value) {
      if (this.nodeType === Node.TEXT_NODE && !this.isConnected) {
        standIns.get(this)?.replaceWith(this); // and the translator finds it anew
        standIns.delete(this);
      }
      set.call(this, value);
    },
  });
}
