import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { asHeadroomError, HeadroomError } from '../../errors.ts';
import type { Rasteriser } from '../../ports.ts';

const find = createRequire(import.meta.url).resolve;
const WASM = '@resvg/resvg-wasm/index_bg.wasm';
/** Functions and containers have no fonts, and text without one vanishes in silence. */
const FONTS = ['dejavu-fonts-ttf/ttf/DejaVuSans.ttf', 'dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf'];
const FAMILY = 'DejaVu Sans';
const WIDTH_MAX_PIXELS = 4096;

type Loaded = { Resvg: typeof import('@resvg/resvg-wasm').Resvg; fonts: Uint8Array[] };

/** The module may be set up once in a process. */
let loading: Promise<Loaded> | undefined;

/** Draws SVG as PNG with resvg and DejaVu Sans, both loaded at the first picture. */
export function createRasteriser(): Rasteriser {
  return {
    async png(svg, { widthPixels }) {
      loading ??= load();
      const { Resvg, fonts } = await loading;
      return draw({ Resvg, fonts }, svg, Math.max(1, Math.min(WIDTH_MAX_PIXELS, Math.round(widthPixels))));
    },
  };
}

async function load(): Promise<Loaded> {
  try {
    const { initWasm, Resvg } = await import('@resvg/resvg-wasm');
    const [wasm, ...fonts] = await Promise.all([WASM, ...FONTS].map((name) => readFile(find(name))));
    await initWasm(wasm ?? new Uint8Array());
    return { Resvg, fonts };
  } catch (error) {
    loading = undefined;
    throw missing(error);
  }
}

function missing(cause: unknown): HeadroomError {
  return new HeadroomError('configuration', 'the optional packages that draw pictures are missing', {
    cause,
    nextStep: 'npm install @resvg/resvg-wasm dejavu-fonts-ttf, or ask for an SVG',
  });
}

function draw({ Resvg, fonts }: Loaded, svg: string, widthPixels: number): Uint8Array {
  try {
    const picture = new Resvg(svg, {
      fitTo: { mode: 'width', value: widthPixels },
      font: { fontBuffers: fonts, defaultFontFamily: FAMILY, sansSerifFamily: FAMILY },
    });
    const rendered = picture.render();
    const png = rendered.asPng();
    rendered.free();
    picture.free();
    return png;
  } catch (error) {
    throw asHeadroomError(error, 'invalid', 'the picture could not be drawn: its SVG cannot be read');
  }
}
