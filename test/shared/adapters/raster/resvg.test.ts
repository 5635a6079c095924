import { describe, expect, test } from 'vitest';
import { createRasteriser } from '../../../../shared/adapters/raster/resvg.ts';
import { drawSvg } from '../../../../shared/charts/svg.ts';
import { burstChart } from '../../chat/incidents.ts';

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47];
const svg = drawSvg(burstChart(), 'light') ?? '';
const { png } = createRasteriser();

describe('a picture', () => {
  test('is a PNG as wide as asked for', async () => {
    const drawn = await png(svg, { widthPixels: 760 });
    expect([...drawn.subarray(0, 4)]).toEqual(SIGNATURE);
    expect(new DataView(drawn.buffer, drawn.byteOffset).getUint32(16)).toBe(760);
  });

  test('has text in it, without a font of the machine', async () => {
    const text = (words: string) =>
      `<svg xmlns="http://www.w3.org/2000/svg" width="100" height="20"><text y="15" font-family="'DejaVu Sans'">${words}</text></svg>`;
    const [empty, written] = await Promise.all(['', 'peak'].map((words) => png(text(words), { widthPixels: 100 })));
    expect(written?.length).toBeGreaterThan((empty?.length ?? 0) + 100);
  });

  test('of what is no SVG is refused', async () => {
    await expect(png('<svg', { widthPixels: 10 })).rejects.toMatchObject({ name: 'HeadroomError', kind: 'invalid' });
  });
});
