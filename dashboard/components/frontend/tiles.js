const TILE_STYLE = `
.tiles { position: relative; }
.tiles > div { position: absolute; inset: 0; display: grid; }
.tiles button {
  padding: 0; border: 0; border-radius: 4px; background: transparent; cursor: pointer;
}
.tiles button:hover, .tiles button:focus-visible {
  outline: 2px solid var(--st-primary-color); outline-offset: -1px;
}
`;

export default function ({ data, parentElement, setTriggerValue }) {
  let frame = parentElement.querySelector(".tiles");
  if (!frame) {
    frame = document.createElement("div");
    frame.className = "tiles";
    const style = document.createElement("style");
    style.textContent = TILE_STYLE;
    const overlay = document.createElement("div");
    overlay.setAttribute("role", "group");
    frame.append(style, makePixelated(document.createElement("img")), overlay);
    parentElement.appendChild(frame);
  }
  const image = frame.querySelector("img");
  const overlay = frame.querySelector("div");
  if (image.alt !== data.alt) image.alt = data.alt;
  if (image.getAttribute("src") !== data.src) image.src = data.src;
  overlay.setAttribute("aria-label", data.alt);
  overlay.style.gridTemplate = `repeat(${data.rows}, 1fr) / repeat(${data.columns}, 1fr)`;
  while (overlay.children.length > data.labels.length) overlay.lastChild.remove();
  while (overlay.children.length < data.labels.length) {
    const tile = document.createElement("button");
    tile.type = "button";
    tile.tabIndex = -1;
    overlay.appendChild(tile);
  }
  const tiles = [...overlay.children];
  tiles.forEach((tile, index) => {
    tile.setAttribute("aria-label", data.labels[index]);
    tile.title = data.labels[index];
    tile.onclick = () => setTriggerValue("picked", index);
  });
  // The one that was the stop may be gone.
  if (!tiles.some((tile) => tile.tabIndex === 0) && tiles.length) tiles[0].tabIndex = 0;
  // One stop for the Tab key; the arrows go from tile to tile.
  overlay.onkeydown = (event) => {
    const now = tiles.indexOf(event.target);
    const next = {
      ArrowLeft: now - 1,
      ArrowRight: now + 1,
      ArrowUp: now - data.columns,
      ArrowDown: now + data.columns,
      Home: 0,
      End: tiles.length - 1,
    }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    if (!tiles[next]) return;
    tiles.forEach((tile) => { tile.tabIndex = -1; });
    tiles[next].tabIndex = 0;
    tiles[next].focus();
  };
  return keepFitting(parentElement, data, (width, height) => {
    for (const node of [frame, image]) {
      node.style.width = `${width}px`;
      node.style.height = `${height}px`;
    }
  });
}
