"""What a page writes on its charts: canvases say nothing of it."""

from typing import Final

WRITTEN: Final = """
  window.written = [];
  const { clearRect, fillText } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.clearRect = function () {
    window.written = window.written.filter(({ canvas }) => canvas !== this.canvas);
    return clearRect.apply(this, arguments);
  };
  CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
    window.written.push({ canvas: this.canvas, text, y: y + this.getTransform().f });
    return fillText.apply(this, arguments);
  };
"""
"""Notes what stands written on any canvas, and how far down."""

OF_THE_FIRST_CHART: Final = """() => {
  const canvas = document.querySelector(".chart canvas");
  return written.filter((entry) => entry.canvas === canvas).map(({ text, y }) => ({ text, y }));
}"""
