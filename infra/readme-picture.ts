/**
 * Draws what `npm start` printed, given on standard input, as an SVG terminal for the README:
 * `npm start -s -- --once 2>/dev/null | node infra/readme-picture.ts > docs/images/message.svg`
 */
import { text } from 'node:stream/consumers';

const FONT_PIXELS = 14;
const CHARACTER_PIXELS = 8.43;
const LINE_PIXELS = 19;
const MARGIN_PIXELS = 18;
const COLUMNS = 81;
const ESC = String.fromCharCode(0x1b);

const lines = (await text(process.stdin))
  .replaceAll(new RegExp(`${ESC}\\[[0-9;]*m`, 'g'), '')
  .trim()
  .split('\n');
const width = Math.ceil(COLUMNS * CHARACTER_PIXELS + 2 * MARGIN_PIXELS);
const height = lines.length * LINE_PIXELS + 2 * MARGIN_PIXELS;
const escaped = (line: string): string => line.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const drawn = lines.map((line, index) => {
  const y = MARGIN_PIXELS + (index + 0.8) * LINE_PIXELS;
  const colour = index === 0 ? '#f2cc60' : index < 3 ? '#ffffff' : /[█▒]/.test(line) ? '#79c0ff' : '#c9d1d9';
  const length = Math.round([...line].length * CHARACTER_PIXELS);
  const fit = line.trim() === '' ? '' : ` textLength="${length}" lengthAdjust="spacingAndGlyphs"`;
  return `<text x="${MARGIN_PIXELS}" y="${y.toFixed(1)}" fill="${colour}"${fit} xml:space="preserve">${escaped(line)}</text>`;
});
process.stdout.write(
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="A diagnosed message">\n` +
    `<rect width="100%" height="100%" rx="8" fill="#0d1117"/>\n` +
    `<g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="${FONT_PIXELS}">\n${drawn.join('\n')}\n</g>\n</svg>\n`,
);
