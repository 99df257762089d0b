/** Small drawings in SVG: columns, lines, dots. Numbers in, elements out; colours come from style sheets. */

import { s } from "./dom.js";

export const WIDTH = 340;

/** `label`: what it shows, for those who do not see it. */
export const drawing = (label, height, ...children) => s("svg", { viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": label, class: "drawing" }, ...children);

const dashed = (y) => s("line", { x1: 0, x2: WIDTH, y1: y, y2: y, class: "aim" });
const ceiling = (words) => words && s("text", { x: WIDTH, y: 10, "text-anchor": "end" }, words);

/** Stacked columns. `columns`: {title, parts: [{value, cls, vars}]}; `most`: the value of full height, said as `top`; `aim`: dashed. */
export function stacks(label, columns, { most = 1, height = 90, aim = null, top = "" } = {}) {
	const wide = WIDTH / Math.max(columns.length, 8);
	return drawing(label, height, columns.map(({ title, parts }, i) => {
		let y = height;
		return s("g", {}, s("title", {}, title), parts.map(({ value, cls, vars = {} }) => {
			const tall = (value / (most || 1)) * height;
			y -= tall;
			return s("rect", { x: i * wide + 0.5, y, width: Math.max(1, wide - 1), height: tall, class: cls, vars });
		}));
	}), aim === null ? null : dashed(height * (1 - aim / most)), ceiling(top));
}

/** A line through `values`, and a dashed one at `aim` (null: none), both up to `most`. */
export function line(label, values, { most, aim = null, top = "", height = 70 }) {
	const x = (i) => (values.length < 2 ? 0 : (i / (values.length - 1)) * WIDTH);
	const y = (v) => height - 2 - (Math.min(v, most) / (most || 1)) * (height - 4);
	return drawing(label, height, aim === null ? null : dashed(y(aim)),
		s("polyline", { points: values.map((v, i) => `${x(i).toFixed(1)},${y(v).toFixed(1)}`).join(" "), class: "curve" }), ceiling(top));
}
