"""The rules of WCAG 2.2 that a page can be measured by: contrast, sizes, names."""

from __future__ import annotations

from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from .page_elements import wait_until

# 1.4.3 for text; 1.4.11 for icons, which are ligatures of a font. Disabled controls are exempt.
_FIND_FAINT = """() => {
  const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const colors = new Map();
  // Red, green and blue from 0 to 255 and multiplied by alpha, which follows.
  const parse = (text) => {
    if (!colors.has(text)) {
      context.clearRect(0, 0, 1, 1);
      context.fillStyle = "rgba(0, 0, 0, 0)";
      context.fillStyle = text;
      context.fillRect(0, 0, 1, 1);
      const [red, green, blue, alpha] = context.getImageData(0, 0, 1, 1).data;
      colors.set(
        text,
        [...[red, green, blue].map((channel) => (channel * alpha) / 255), alpha / 255],
      );
    }
    return colors.get(text);
  };
  const fade = (color, share) => color.map((value) => value * share);
  const over = (top, below) => top.map((value, index) => value + (1 - top[3]) * below[index]);
  const parentOf = (node) => node.parentElement ?? node.getRootNode().host;
  const isAround = (node, x, y) => {
    const { left, right, top, bottom } = node.getBoundingClientRect();
    return left <= x && x <= right && top <= y && y <= bottom;
  };
  // Boxes of a diagram that are drawn below a text of it.
  const boxesBelow = (text, x, y) => {
    const boxes = text.ownerSVGElement ? [...text.ownerSVGElement.querySelectorAll("rect")] : [];
    return boxes.filter((box) => {
      const isBefore = box.compareDocumentPosition(text) & Node.DOCUMENT_POSITION_FOLLOWING;
      return isBefore && isAround(box, x, y) && getComputedStyle(box).fill !== "none";
    });
  };
  const page = document.querySelector(".stApp") ?? document.body; // Of an exported page.
  const canvas = parse(getComputedStyle(page).backgroundColor);
  const luminance = (color) => {
    const [red, green, blue] = color.map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const measure = (element, color, place) => {
    let [ink, paper] = [color, [0, 0, 0, 0]];
    const [x, y] = [(place.left + place.right) / 2, (place.top + place.bottom) / 2];
    for (const box of boxesBelow(element, x, y).reverse()) {
      const style = getComputedStyle(box);
      const fill = fade(parse(style.fill), style.fillOpacity * style.opacity);
      [ink, paper] = [over(ink, fill), over(paper, fill)];
    }
    for (let node = element; node; node = parentOf(node)) {
      const style = getComputedStyle(node);
      const below = isAround(node, x, y) ? parse(style.backgroundColor) : [0, 0, 0, 0];
      [ink, paper] = [ink, paper].map((layer) => fade(over(layer, below), style.opacity));
    }
    const [low, high] = [ink, paper]
      .map((layer) => luminance(over(layer, canvas)))
      .sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const isExempt = (element) => {
    for (let node = element; node; node = parentOf(node)) {
      if (node.matches(":disabled, [aria-disabled='true'], [disabled]")) return true;
      if (node.matches("label") && node.control?.disabled) return true;
    }
    return false;
  };
  const faint = new Set();
  const check = (element, place, text, style, isIcon = false) => {
    const isText = element instanceof SVGElement && element.tagName !== "svg";
    const fill = isText ? fade(parse(style.fill), style.fillOpacity) : parse(style.color);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    const ratio = measure(element, fill, place);
    const least = isLarge || isIcon ? 3 : 4.5;
    if (ratio < least) faint.add(`${ratio.toFixed(2)} of ${least}: ${text.slice(0, 60)}`);
  };
  const isSeen = (element) =>
    element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) &&
    !isExempt(element);
  const walk = (root) => {
    const nodes = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    for (let node = nodes.nextNode(); node; node = nodes.nextNode()) {
      if (node.shadowRoot) walk(node.shadowRoot);
      if (node instanceof HTMLInputElement || node instanceof HTMLTextAreaElement) {
        if (node.matches("[type=range], [type=checkbox], [type=radio], [type=file]")) continue;
        const text = node.value || node.placeholder;
        const part = node.value ? null : "::placeholder";
        const place = node.getBoundingClientRect();
        if (text && place.width > 1 && isSeen(node)) {
          check(node, place, text, getComputedStyle(node, part));
        }
        continue;
      }
      const element = node.parentElement;
      if (!(node instanceof Text) || !element || !node.data.trim()) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const place = range.getBoundingClientRect();
      if (place.width < 2 || place.height < 2 || !isSeen(element)) continue;
      const style = getComputedStyle(element);
      check(element, place, node.data.trim(), style, /Material/.test(style.fontFamily));
    }
  };
  walk(document.body);
  return [...faint];
}"""


_FIND_CUT_LABELS = """() => [...document.querySelectorAll("button *")]
  .filter((part) => getComputedStyle(part).overflowX === "hidden")
  .filter((part) => part.scrollWidth > part.clientWidth + 1 && part.clientWidth > 1)
  .map((part) => part.textContent)"""


# 2.5.8: targets have at least 24 by 24 pixels.
_FIND_SMALL_TARGETS = """() =>
  [...document.querySelectorAll("button, a[href], summary, [role=tab]")]
  .filter((part) => part.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
  .map((part) => [part.ariaLabel || part.textContent, part.getBoundingClientRect()])
  .filter(([, { width, height }]) => Math.min(width, height) > 1 && Math.min(width, height) < 23.5)
  .map(([name, { width, height }]) => `${name}: ${width} by ${height} pixels`)"""


# Where the pointer is on a component that scrolls in its own box, the wheel does not move the page.
_FIND_SCROLLING_COMPONENTS = """() =>
  [...document.querySelectorAll("[data-testid=stElementContainer]:has(.stBidiComponent)")]
  .filter((part) => getComputedStyle(part).overflowY === "auto")
  .filter((part) => part.scrollHeight > part.clientHeight)
  .map(({ className, clientHeight, scrollHeight }) =>
    `${className.match(/st-key-\\S+/)}: ${scrollHeight} in ${clientHeight} pixels`)"""


def find_problems(page: Page) -> list[str]:
    """Return cut labels, small targets and texts that are faint in the page's current colours."""
    checks = (_FIND_CUT_LABELS, _FIND_SMALL_TARGETS, _FIND_FAINT)
    return [problem for check in checks for problem in page.evaluate(check)]


def expect_accessible(page: Page) -> None:
    """Expect readable texts, whole labels, targets that can be hit, a heading, no inner scroll."""
    assert page.get_by_role("heading", level=1).count() == 1
    # Streamlit's own name for a question mark says nothing of what it explains.
    expect(page.get_by_role("button", name="Help", exact=True)).to_have_count(0)
    assert (cut := page.evaluate(_FIND_CUT_LABELS)) == [], cut
    assert (small := page.evaluate(_FIND_SMALL_TARGETS)) == [], small
    assert (scrolling := page.evaluate(_FIND_SCROLLING_COMPONENTS)) == [], scrolling
    for is_dark in (True, False):
        page.emulate_media(color_scheme="dark" if is_dark else "light")
        wait_until(
            page,
            """isDark => {
                const scheme = getComputedStyle(document.querySelector(".stApp")).colorScheme;
                return (scheme === "dark") === isDark;
            }""",
            is_dark,
        )
        try:  # Colours change gradually.
            wait_until(page, f"() => ({_FIND_FAINT})().length === 0")
        except PlaywrightTimeout:
            raise AssertionError(page.evaluate(_FIND_FAINT)) from None
