/** What no drawing shows: control, format, private and unassigned characters; XML refuses the first of them. */
const UNSHOWN = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]+/gu;

/** One line of outside text as text of an SVG element or a quoted attribute, at most `max` characters. */
export function svgText(text: string, max: number): string {
  return escapeXml(shownLine(text, max));
}

/** The same before it is escaped, by which its width is told. */
export function shownLine(text: string, max: number): string {
  const line = text
    .slice(0, max * 8)
    .toWellFormed()
    .replace(UNSHOWN, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const points = [...line];
  return points.length <= max
    ? line
    : `${points
        .slice(0, max - 1)
        .join('')
        .trimEnd()}…`;
}

export function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** Wide scripts begin about here; the bundled font draws them as boxes of this width. */
const WIDE_FROM = 0x1100;

/** About how wide DejaVu Sans draws a line, rounded up, in the unit of the font's size. */
export function textWidth(text: string, fontSize: number): number {
  let ems = 0;
  for (const point of text)
    ems += (point.codePointAt(0) ?? 0) >= WIDE_FROM ? 1 : /[A-Z@%MWmw]/.test(point) ? 0.85 : 0.63;
  return ems * fontSize;
}
