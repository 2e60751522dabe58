// By the names under which the server sends them; shared by all that draws in this page.
function generators() {
  window.__generators ??= new Map();
  return window.__generators;
}
