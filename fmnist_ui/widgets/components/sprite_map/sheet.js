// The sheet of all pictures, fetched and decoded once for all maps of the page.

const sheets = new Map(); // address -> promise of a sheet

// described: url (relative to the page), columns, side. Resolves to { image, columns, side }; rejects if there is none.
export function loadSheet({ url, columns, side }) {
  const address = new URL(url, document.baseURI).href;
  if (!sheets.has(address)) {
    sheets.set(address, decodeImage(address).then((image) => ({ image, columns, side })));
    // The next map may try again: a server that was down is not down for ever.
    sheets.get(address).catch(() => sheets.delete(address));
  }
  return sheets.get(address);
}

async function decodeImage(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`The sheet of pictures ${address} cannot be had: ${answer.status}.`);
  // A bitmap, unlike an image element, stays decoded; the browser must not adapt its values to the screen.
  return createImageBitmap(await answer.blob(), { colorSpaceConversion: "none", premultiplyAlpha: "none" });
}
