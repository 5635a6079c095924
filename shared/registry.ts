/**
 * The table of contents: what the house knows, each room its own list, so that a bundle takes only what it uses.
 * Adding a source, evidence kind, diagnosis or fix is one file and one line here.
 */
import type { Source } from './model.ts';
import { alertmanager } from './sources/alertmanager.ts';
import { azure } from './sources/azure.ts';
import { cloudwatch } from './sources/cloudwatch.ts';

export { RENDERERS } from './chat/render.ts';

export const SOURCES: readonly Source[] = [azure, cloudwatch, alertmanager];
