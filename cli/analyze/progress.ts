import { cleanLine } from '../../shared/chat/plain.ts';
import { shortenToWidth } from '../../shared/chat/text/width.ts';
import type { ArchiveProgress } from '../../shared/ports.ts';
import { toAscii } from './ascii.ts';

/** Before this nothing is shown: most logs are read by then. */
const QUIET_MS = 1000;
const REDRAW_MS = 100;
/** Between two lines where nothing can be redrawn. */
const LINE_EVERY_MS = 5000;
const BAR_COLUMNS = 24;
const ESC = String.fromCharCode(0x1b);

export type Progress = {
  update(progress: ArchiveProgress): void;
  /** What is being asked about from now on. */
  about(name: string, index: number, count: number): void;
  /** Takes the bar away. */
  end(): void;
};

export type ProgressOptions = {
  write(text: string): void;
  /** Width of the terminal; null: no terminal, a line now and then. */
  columns: number | null;
  ascii: boolean;
  now(): number;
};

/** Says how far the work is once it takes longer than a second: a bar that is redrawn on a terminal, else lines. */
export function createProgress(options: ProgressOptions): Progress {
  const startedMs = options.now();
  let shownMs = Number.NEGATIVE_INFINITY;
  let drawn = false;
  let subject = '';
  let last = '';

  function show(text: string): void {
    const nowMs = options.now();
    if (nowMs - startedMs < QUIET_MS || text === last) return;
    if (nowMs - shownMs < (options.columns === null ? LINE_EVERY_MS : REDRAW_MS)) return;
    shownMs = nowMs;
    last = text;
    const line = options.ascii ? toAscii(text) : text;
    if (options.columns === null) options.write(`${line}\n`);
    else {
      // One column stays free: a full line would wrap, and the next redraw leave it behind.
      options.write(`\r${shortenToWidth(line, Math.max(1, options.columns - 1))}${ESC}[K`);
      drawn = true;
    }
  }

  return {
    update(progress) {
      show(describe(progress, subject, options.columns !== null));
    },
    about(name, index, count) {
      subject = `${cleanLine(name, 40)}${count > 1 ? ` (${index + 1} of ${count})` : ''}`;
    },
    end() {
      if (drawn) options.write(`\r${ESC}[K`);
      drawn = false;
    },
  };
}

function describe({ phase, done, total, unit }: ArchiveProgress, subject: string, bar: boolean): string {
  const share = total <= 0 ? 0 : Math.min(1, Math.max(0, done / total));
  const what = { rewriting: 'unpacking', reading: 'reading', asking: `working out ${subject}`.trimEnd() }[phase];
  const percent = `${Math.floor(share * 100)} %`;
  const amount = unit === 'bytes' ? ` of ${megabytes(total)}` : '';
  if (!bar) return `${what}: ${percent}${amount}`;
  const filled = Math.round(share * BAR_COLUMNS);
  return `${'█'.repeat(filled)}${'░'.repeat(BAR_COLUMNS - filled)} ${percent.padStart(5)}${amount}  ${what}`;
}

function megabytes(bytes: number): string {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
