// What is on a view's pad: strokes, or a test image. It stands in the address, and follows the address.

import { get } from "./api.js";
import { currentRoute, setParams, shows } from "./router.js";
import { decode, encode } from "./strokes.js";
import { useEffect, useRef, useState } from "./ui.js";

export const TEST_IMAGES = 10_000;

/**
 * {strokes, sample, drawing, problem, draw(strokes, ended), take()} of the view with this name and these parameters;
 * `first` is the test image that is shown where the address names nothing; null while that is not known.
 */
export function useDrawing(view, params, first = "") {
  const [strokes, setStrokes] = useState(() => decode(params.strokes));
  const [sample, setSample] = useState(null);
  const [drawing, setDrawing] = useState(false);
  const [problem, setProblem] = useState(null);
  const asked = useRef(null);
  const written = useRef(null);

  const show = (next, image = null) => {
    setStrokes(next);
    setSample(image);
    setDrawing(false);
    setProblem(null);
  };
  /** Into the address, unless it is another view's by now. `as`, what Inside was told it is meant to be, goes with it. */
  const write = (patch) => {
    if (!shows(view)) return;
    written.current = contentOf(patch);
    setParams({ ...patch, as: "" });
  };
  const load = async (index, done) => {
    asked.current?.abort();
    const { signal } = (asked.current = new AbortController());
    try {
      const { data } = await get(`/v1/datasets/mnist/samples?split=test&offset=${index}&limit=1`, { signal });
      if (signal.aborted) return;
      show([], data[0]);
      done?.();
    } catch (error) {
      if (!signal.aborted) setProblem(error);
    }
  };
  const draw = (next, ended) => {
    asked.current?.abort();
    show(next);
    setDrawing(!ended);
    if (ended) write({ strokes: encode(next), sample: "" });
  };
  const take = () => {
    const index = Math.floor(Math.random() * TEST_IMAGES);
    load(index, () => write({ strokes: "", sample: String(index) }));
  };

  useEffect(() => {
    // The newest address, not that of this drawing of the view: what was written since must not be undone.
    const { params: named } = currentRoute();
    const nothing = contentOf(named) === NOTHING;
    const content = nothing ? `${NOTHING}${first}` : contentOf(named);
    if (!shows(view) || [content, contentOf(named)].includes(written.current) || (nothing && first === null)) return;
    written.current = content;
    const wanted = /^\d{1,9}$/.test(named.sample ?? "") ? named.sample : nothing ? first : "";
    asked.current?.abort();
    if (wanted) load(Number(wanted) % TEST_IMAGES);
    else show(decode(named.strokes));
  }, [params.strokes, params.sample, first]);
  useEffect(() => () => asked.current?.abort(), []);

  return { strokes, sample, drawing, problem, draw, take };
}

const NOTHING = "|";
const contentOf = ({ strokes, sample }) => `${strokes ?? ""}|${sample ?? ""}`;
