// Dragging: a layer to another place of the list, or a kind out of the palette into it.

const EDGE = 70; // pixels from the window's edge where the page begins to move along
const SPEED = 14; // pixels a frame, at the edge itself

// Where what is held at that height comes among boxes that stand below each other: how many of them lie above.
export function placeAt(middle, boxes) {
  return boxes.filter(({ top, bottom }) => (top + bottom) / 2 < middle).length;
}

// How far the page moves in a frame with the pointer at that height: the nearer the edge, the faster.
export function scrollAt(y, height) {
  const above = Math.max(0, EDGE - y);
  const below = Math.max(0, y - (height - EDGE));
  return Math.round((SPEED * (below - above)) / EDGE);
}

function scrollerOf(node) {
  for (let at = node; at; at = at.parentElement ?? at.getRootNode().host ?? at.parentNode?.host) {
    const isScrolled = at.scrollHeight > at.clientHeight + 1;
    if (isScrolled && /auto|scroll/.test(getComputedStyle(at).overflowY)) return at;
  }
  return document.scrollingElement;
}

// Follows a pointer until it is let go or Escape is pressed. onMove(event, scrolled): pixels since the beginning.
function follow(event, node, { onMove, onEnd }) {
  const scroller = scrollerOf(node);
  const begun = scroller.scrollTop;
  let last = event;
  let frame = 0;
  const move = (other) => {
    if (other.pointerId !== event.pointerId) return;
    last = other;
    other.preventDefault();
    onMove(last, scroller.scrollTop - begun);
  };
  const scroll = () => {
    const by = scrollAt(last.clientY, innerHeight);
    if (by) {
      scroller.scrollTop += by;
      onMove(last, scroller.scrollTop - begun);
    }
    frame = requestAnimationFrame(scroll);
  };
  const end = (kept) => {
    cancelAnimationFrame(frame);
    window.removeEventListener("pointermove", move);
    window.removeEventListener("pointerup", drop);
    window.removeEventListener("pointercancel", cancel);
    window.removeEventListener("keydown", escape, true);
    onEnd(kept);
  };
  const drop = (other) => other.pointerId === event.pointerId && end(true);
  const cancel = (other) => other.pointerId === event.pointerId && end(false);
  const escape = (other) => {
    if (other.key !== "Escape") return;
    other.preventDefault();
    other.stopPropagation();
    end(false);
  };
  window.addEventListener("pointermove", move, { passive: false });
  window.addEventListener("pointerup", drop);
  window.addEventListener("pointercancel", cancel);
  window.addEventListener("keydown", escape, true);
  frame = requestAnimationFrame(scroll);
}

// nodes: of all layers in order; place: of the one that is dragged. onDrop(to).
export function dragRow(event, nodes, place, onDrop) {
  if (event.button !== 0) return;
  event.preventDefault();
  const node = nodes[place];
  const boxes = nodes.map((one) => one.getBoundingClientRect());
  const own = boxes[place];
  const others = boxes.filter((_, other) => other !== place);
  const apart = nodes.length > 1 ? Math.abs(boxes[1].top - boxes[0].top) - boxes[0].height : 0;
  const room = own.height + apart;
  let to = place;
  node.dataset.dragged = "yes";
  node.parentElement.dataset.dragging = "yes";
  const settle = () => {
    for (const one of nodes) one.style.transform = "";
    delete node.dataset.dragged;
    delete node.parentElement.dataset.dragging;
  };
  follow(event, node, {
    onMove(now, scrolled) {
      const by = now.clientY - event.clientY + scrolled;
      node.style.transform = `translateY(${by}px)`;
      const lead = by > 0 ? own.bottom + by - Math.min(own.height, 40) / 2 : own.top + by + Math.min(own.height, 40) / 2;
      to = placeAt(lead, others);
      nodes.forEach((one, other) => {
        if (other === place) return;
        const makesRoom = other > place && other <= to ? -room : other < place && other >= to ? room : 0;
        one.style.transform = makesRoom ? `translateY(${makesRoom}px)` : "";
      });
    },
    onEnd(kept) {
      settle();
      if (kept && to !== place) onDrop(to);
    },
  });
}

// ghost: what is carried; list: where it may be dropped. onDrop(place).
export function carry(event, ghost, list, nodes, onDrop) {
  const boxes = nodes.map((one) => one.getBoundingClientRect());
  const line = document.createElement("div");
  line.className = "drop-line";
  let to = null;
  list.append(line);
  list.getRootNode().append(ghost);
  list.dataset.dragging = "yes";
  const onMove = (now, scrolled) => {
    ghost.style.transform = `translate(${now.clientX + 12}px, ${now.clientY - 18}px)`;
    const area = list.getBoundingClientRect();
    const over = now.clientX > area.left - 20 && now.clientX < area.right + 20;
    to = over && now.clientY > area.top - 60 && now.clientY < area.bottom + 60 ? placeAt(now.clientY + scrolled, boxes) : null;
    line.hidden = to === null;
    const at = to === null || !boxes.length ? 0 : to < boxes.length ? boxes[to].top : boxes[to - 1].bottom;
    line.style.top = boxes.length ? `${at - scrolled - area.top}px` : "50%";
  };
  follow(event, list, {
    onMove,
    onEnd(kept) {
      line.remove();
      ghost.remove();
      delete list.dataset.dragging;
      if (kept && to !== null) onDrop(to);
    },
  });
  onMove(event, 0);
}
