export default function ({ data, parentElement }) {
  let image = parentElement.querySelector("img");
  if (!image) {
    image = makePixelated(document.createElement("img"));
    parentElement.appendChild(image);
  }
  if (image.alt !== data.alt) image.alt = data.alt;
  if (image.getAttribute("src") !== data.src) image.src = data.src;
  // The place is reserved before the picture is decoded.
  return keepFitting(parentElement, data, (width, height) => {
    image.style.width = `${width}px`;
    image.style.height = `${height}px`;
  });
}
