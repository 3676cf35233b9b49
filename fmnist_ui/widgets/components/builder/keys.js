// What keys do: those of a layer's line, and the way back from anywhere in the builder.

export function onKey(builder, event) {
  const key = event.key.toLowerCase();
  const isCommand = event.ctrlKey || event.metaKey;
  const node = event.target.closest(".list .layer");
  const id = builder.state.items.find((item) => builder.row(item.id) === node)?.id;
  const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  const isRow = event.target === node;
  if (isCommand && !event.altKey && key === "z") builder[event.shiftKey ? "redo" : "undo"]();
  else if (isCommand && !event.altKey && key === "y") builder.redo();
  else if (isCommand || id === undefined) return;
  else if (by && (event.altKey || event.target.closest(".grip"))) builder.move(id, builder.placeOf(id) + by);
  else if (by && isRow) builder.row(builder.state.items[builder.placeOf(id) + by]?.id)?.focus();
  else if (isRow && ["Delete", "Backspace"].includes(event.key)) builder.remove(id);
  else if (isRow && event.key === "Enter") node.querySelector(".fields input, .fields select")?.focus();
  else return;
  event.preventDefault();
  event.stopPropagation();
}
