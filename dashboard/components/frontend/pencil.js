const SIDE = 28;
const RADIUS = 1.1; // Of the pencil, in pixels of the digit: a stroke as MNIST has them.

const PENCIL_STYLE = `
.pencil canvas {
  display: block; touch-action: none; cursor: crosshair; border-radius: 6px; image-rendering: pixelated;
}
.pencil canvas:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
.pencil button {
  margin-top: 8px; padding: 4px 12px; font: inherit; color: inherit; cursor: pointer;
  background: transparent; border: 1px solid var(--st-border-color); border-radius: 8px;
}
.pencil p { margin: 6px 0 0; font-size: 0.8rem; opacity: 0.75; }
.pencil button:hover, .pencil button:focus-visible { border-color: var(--st-primary-color); }
`;

function makePencil(parent) {
  const frame = document.createElement("div");
  frame.className = "pencil";
  const style = document.createElement("style");
  style.textContent = PENCIL_STYLE;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIDE;
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application"); // It takes the arrow keys.
  const clear = document.createElement("button");
  clear.type = "button";
  clear.textContent = "Clear";
  const hint = document.createElement("p");
  hint.textContent = "Draw with the pointer or a finger. By keyboard: arrows move, Shift and arrows draw, Enter looks.";
  frame.append(style, canvas, clear, hint);
  parent.appendChild(frame);
  // What was drawn outlives a look at another tab.
  window.__drawing ??= { ink: new Float32Array(SIDE * SIDE), reset: undefined };
  return Object.assign(frame, { drawing: window.__drawing, at: [13, 13], last: null });
}

export default function ({ data, parentElement, setTriggerValue }) {
  const frame = parentElement.querySelector(".pencil") ?? makePencil(parentElement);
  const canvas = frame.querySelector("canvas");
  const clear = frame.querySelector("button");
  canvas.setAttribute("aria-label", data.alt);
  const { ink } = frame.drawing;

  const show = (cursor) => {
    const context = canvas.getContext("2d");
    const image = context.createImageData(SIDE, SIDE);
    ink.forEach((value, index) => {
      const grey = Math.round(value * 255);
      image.data.set([grey, grey, grey, 255], index * 4);
    });
    if (cursor) image.data.set([120, 120, 255, 255], (cursor[1] * SIDE + cursor[0]) * 4);
    context.putImageData(image, 0, 0);
  };
  const dab = (x, y) => {
    for (let row = Math.floor(y - 3); row <= y + 3; row += 1) {
      for (let column = Math.floor(x - 3); column <= x + 3; column += 1) {
        if (row < 0 || column < 0 || row >= SIDE || column >= SIDE) continue;
        const far = Math.hypot(column + 0.5 - x, row + 0.5 - y);
        const grey = Math.min(1, Math.max(0, RADIUS + 0.5 - far));
        const index = row * SIDE + column;
        ink[index] = Math.max(ink[index], grey);
      }
    }
  };
  const line = (from, to) => {
    const num = Math.max(1, Math.ceil(Math.hypot(to[0] - from[0], to[1] - from[1]) * 3));
    for (let i = 0; i <= num; i += 1) {
      dab(from[0] + ((to[0] - from[0]) * i) / num, from[1] + ((to[1] - from[1]) * i) / num);
    }
  };
  const send = () => {
    const bytes = Uint8Array.from(ink, (value) => Math.round(value * 255));
    setTriggerValue("drawn", btoa(String.fromCharCode(...bytes)));
  };
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [
      ((event.clientX - box.left) / box.width) * SIDE,
      ((event.clientY - box.top) / box.height) * SIDE,
    ];
  };

  if (frame.drawing.reset !== data.reset) {
    frame.drawing.reset = data.reset;
    ink.fill(0);
  }
  const cursor = () => (document.activeElement === canvas ? frame.at : undefined);
  show(cursor());
  canvas.onpointerdown = (event) => {
    if (event.button) return;
    canvas.setPointerCapture(event.pointerId);
    frame.last = place(event);
    line(frame.last, frame.last);
    show();
  };
  canvas.onpointermove = (event) => {
    if (!frame.last) return;
    // All places since the last frame, or a quick stroke would have corners.
    for (const moment of event.getCoalescedEvents?.() ?? [event]) {
      const now = place(moment);
      line(frame.last, now);
      frame.last = now;
    }
    show();
  };
  canvas.onpointerup = canvas.onpointercancel = () => {
    if (!frame.last) return;
    frame.last = null;
    send();
  };
  // By keyboard: arrows move the tip, with Shift they draw, Enter looks.
  canvas.onkeydown = (event) => {
    const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const move = by[event.key];
    if (event.key === "Enter") send();
    if (!move) return;
    event.preventDefault();
    const before = frame.at;
    frame.at = before.map((value, axis) => Math.min(SIDE - 1, Math.max(0, value + move[axis])));
    if (event.shiftKey) {
      line(before.map((value) => value + 0.5), frame.at.map((value) => value + 0.5));
    }
    show(frame.at);
  };
  canvas.onfocus = () => show(frame.at);
  canvas.onblur = () => show();
  clear.onclick = () => {
    ink.fill(0);
    show();
    send();
  };
  return keepFitting(parentElement, { width: SIDE, height: SIDE, scale: data.scale }, (width) => {
    canvas.style.width = canvas.style.height = `${width}px`;
  });
}
