// Enlarges what is `width` by `height` pixels by whole device pixels, or it would look uneven; makes
// it smaller than one to one only where there is no room for that. Calls `apply` with the width and
// height on the page now and whenever the room changes; returns what ends that.
function keepFitting(parent, { width, height, scale, tallest = Infinity }, apply) {
  const fit = () => {
    const room = parent.clientWidth;
    if (!room) return;
    const ratio = window.devicePixelRatio || 1;
    const most = Math.min(
      scale * ratio,
      Math.floor((room * ratio) / width),
      Math.max(1, Math.floor((tallest * ratio) / height)),
    );
    const shown = most >= 1 ? (Math.floor(most) * width) / ratio : room;
    apply(shown, (shown * height) / width);
  };
  fit();
  parent.__observer?.disconnect();
  const observer = new ResizeObserver(fit);
  observer.observe(parent);
  parent.__observer = observer;
  return () => observer.disconnect();
}

function makePixelated(node) {
  node.style.display = "block";
  node.style.borderRadius = "6px";
  node.style.imageRendering = "pixelated";
  node.draggable = false;
  return node;
}
