/** What charts and sentences are drawn with, as one ASCII character each, so that widths stay. */
const ASCII: Readonly<Record<string, string>> = {
  '▒': ':',
  '█': '#',
  '╌': '-',
  '┤': '|',
  '└': '+',
  '─': '-',
  '░': '.',
  '▁': '.',
  '▂': '_',
  '▃': '-',
  '▄': '=',
  '▅': '+',
  '▆': '*',
  '▇': '%',
  '→': '>',
  '·': '|',
  '×': 'x',
  '…': '~',
  '–': '-',
  '÷': '/',
};

/** The text for a terminal that shows ASCII alone; any other character becomes `?`. */
export function toAscii(text: string): string {
  return text.replace(/[^\p{ASCII}]/gu, (character) => ASCII[character] ?? '?');
}

/** Whether the locale names another encoding than UTF-8. One that is not set says nothing, and today's terminals are UTF-8. */
export function isAsciiTerminal(environment: Readonly<Record<string, string | undefined>>): boolean {
  const locale = [environment['LC_ALL'], environment['LC_CTYPE'], environment['LANG']].find(
    (value) => value !== undefined && value !== '',
  );
  return locale !== undefined && !/utf-?8/i.test(locale);
}
