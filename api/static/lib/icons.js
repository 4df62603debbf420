// The few pictograms of the page, drawn on a 24 × 24 grid with one line.

import { html } from "./ui.js";

const PATHS = {
  train: "M4 19V5M4 19h16M7 9c3 0 3 7 7 7s4-2 6-2",
  draw: "M4 20l1-4L16 5l3 3L8 19zM14 7l3 3",
  inside: "M5 6.5h.01M5 12h.01M5 17.5h.01M12 9h.01M12 15h.01M19 12h.01M5 6.5 12 9M5 12l7-3M5 12l7 3M5 17.5 12 15M12 9l7 3M12 15l7-3",
  library: "M5 4h4v16H5zM9 4h4v16H9zM14.5 5l3.6-1 4 15-3.7 1z",
  operate: "M3 12h4l3-7 4 14 3-7h4",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 3v1.5M12 19.5V21M3 12h1.5M19.5 12H21M5.6 5.6l1.1 1.1M17.3 17.3l1.1 1.1M5.6 18.4l1.1-1.1M17.3 6.7l1.1-1.1",
  moon: "M19 14.5A7.5 7.5 0 0 1 9.5 5 7.5 7.5 0 1 0 19 14.5z",
  key: "M14 10a4 4 0 1 1-2.6-3.7M13 9l7 7M17 13l-2 2M20 16l-2 2",
  close: "M6 6l12 12M18 6 6 18",
  plus: "M12 5v14M5 12h14",
  undo: "M8 6 4 10l4 4M4 10h10a5 5 0 0 1 0 10h-3",
  dice: "M5 5h14v14H5zM9 9h.01M15 15h.01M15 9h.01M9 15h.01M12 12h.01",
  stop: "M7 7h10v10H7z",
  play: "M8 6l10 6-10 6z",
  download: "M12 4v11M7.5 11 12 15.5 16.5 11M5 20h14",
  upload: "M12 16V5M7.5 9 12 4.5 16.5 9M5 20h14",
  arrow: "M5 12h14M13 6l6 6-6 6",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
};

export const icon = (name) => html`<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.6"
  stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d=${PATHS[name]} /></svg>`;
