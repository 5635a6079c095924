import type { Theme } from '../../shared/charts/palette.ts';
import { escapeHtml, isRecord, type Json, problem, recordsOf, textOf } from './html.ts';
import { drawLines } from './line-chart.ts';
import { showRichText } from './slack-rich.ts';
import { showMrkdwn, showText } from './slack-text.ts';

/**
 * A message or modal as Slack shows it, as HTML: every kind of block that Headroom sends. A block that is not known here
 * is shown as a problem, never left out. Its styles are in `page.ts`.
 */
export function showSlack(payload: unknown, theme: Theme): string {
  if (!isRecord(payload)) return problem('no message');
  const blocks = recordsOf(payload['blocks']).map((block) => showBlock(block, theme));
  if (payload['type'] === 'modal') return showModal(payload, blocks);
  const notification = showMrkdwn(textOf(payload['text']), payload['mrkdwn'] !== false);
  return `<article class="slack message"><p class="sender"><b>Headroom</b> <small>APP</small></p>${blocks.join('')}</article>
<aside class="slack notification">${notification}</aside>`;
}

function showModal(view: Json, blocks: readonly string[]): string {
  const label = (name: string): string => showObject(view[name]);
  return `<article class="slack modal"><h2>${label('title')}</h2>${blocks.join('')}<footer><span class="button">${label('close')}</span><span class="button primary">${label('submit')}</span></footer></article>`;
}

function showObject(value: unknown): string {
  return isRecord(value) ? showText(value) : '';
}

function showBlock(block: Json, theme: Theme): string {
  switch (block['type']) {
    case 'header':
      return `<h2>${showObject(block['text'])}</h2>`;
    case 'section':
      return showSection(block);
    case 'context':
      return `<div class="context">${recordsOf(block['elements'])
        .map((element) => `<span>${showText(element)}</span>`)
        .join(' ')}</div>`;
    case 'divider':
      return '<hr>';
    case 'actions':
      return `<div class="actions">${recordsOf(block['elements']).map(showControl).join('')}</div>`;
    case 'input':
      return `<div class="input"><b>${showObject(block['label'])}</b>${isRecord(block['element']) ? showControl(block['element']) : problem('an input without element')}<small>${showObject(block['hint'])}</small></div>`;
    case 'rich_text':
      return showRichText(block);
    case 'data_visualization':
      return showChart(block, theme);
    default:
      return problem(`block ${String(block['type'])}`);
  }
}

function showSection(block: Json): string {
  const fields = recordsOf(block['fields']).map((field) => `<div>${showText(field)}</div>`);
  const text = block['text'] === undefined ? '' : `<div class="text">${showObject(block['text'])}</div>`;
  return `${text}${fields.length === 0 ? '' : `<div class="fields">${fields.join('')}</div>`}`;
}

function showControl(element: Json): string {
  switch (element['type']) {
    case 'button': {
      const style = element['style'] === 'primary' || element['style'] === 'danger' ? ` ${element['style']}` : '';
      return `<span class="button${style}">${showObject(element['text'])}</span>`;
    }
    case 'static_select': {
      const chosen = isRecord(element['initial_option']) ? showObject(element['initial_option']['text']) : 'Select';
      return `<span class="field">${chosen} ▾</span>`;
    }
    case 'plain_text_input':
      return `<span class="field">${escapeHtml(textOf(element['initial_value']))}&nbsp;</span>`;
    default:
      return problem(`element ${String(element['type'])}`);
  }
}

function showChart(block: Json, theme: Theme): string {
  const chart = block['chart'];
  if (!isRecord(chart) || chart['type'] !== 'line') return problem('a chart that is no line chart');
  const axes = isRecord(chart['axis_config']) ? chart['axis_config'] : {};
  const svg = drawLines(
    {
      title: textOf(block['title']),
      xLabel: textOf(axes['x_label']),
      yLabel: textOf(axes['y_label']),
      series: recordsOf(chart['series']).map((series) => ({
        name: textOf(series['name']),
        points: recordsOf(series['data']).map(({ label, value }) => ({ x: textOf(label), y: Number(value) })),
      })),
    },
    theme,
  );
  return `<figure>${svg}</figure>`;
}
