/**
 * The XML of Queue storage: flat elements without attributes, whose texts hold character references alone. Nothing else is
 * read, so a document type or an entity of somebody's own stays the text that it is.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/get-messages#sample-response
 */
const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

const REFERENCE = /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(lt|gt|amp|quot|apos));/gi;

const LAST_CODE_POINT = 0x10ffff;

/** What stands in each element of this name, as it is written. */
export function elementsOf(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}>(.*?)</${name}>`, 'gs'))].map(([, inside = '']) => inside);
}

/** The text of the first element of this name; empty where there is none, or an empty one. */
export function textIn(xml: string, name: string): string {
  return unescapeXml(elementsOf(xml, name)[0] ?? '');
}

export function escapeXml(text: string): string {
  return text.replace(/[<>&]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function unescapeXml(text: string): string {
  return text.replace(REFERENCE, (all, hex: string | undefined, decimal: string | undefined, name?: string) => {
    if (name !== undefined) return NAMED[name.toLowerCase()] ?? all;
    const point = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return point <= LAST_CODE_POINT ? String.fromCodePoint(point) : all;
  });
}
