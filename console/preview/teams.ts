import type { Theme } from '../../shared/charts/palette.ts';
import { isRecord, type Json, problem, recordsOf, textOf } from './html.ts';
import { drawLines } from './line-chart.ts';
import { TEAMS_HOST } from './teams-host.ts';

/**
 * A message of one Adaptive Card as HTML that draws itself with Microsoft's own renderer, which the page has to bring
 * as `AdaptiveCards` (the bundle of the package `adaptivecards`). Charts, which that renderer does not know, are drawn
 * here; any other element that it does not know is shown as a problem.
 */
export function showTeams(payload: unknown, theme: Theme): string {
  const [attachment] = isRecord(payload) ? recordsOf(payload['attachments']) : [];
  const card = attachment?.['content'];
  if (!isRecord(card)) return problem('no card');
  const charts: string[] = [];
  const called = withCharts(card, (chart) => charts.push(drawChart(chart, theme)) - 1);
  const drawn = withMentions(called, namesBy(card));
  const given = { card: drawn, host: TEAMS_HOST[theme], charts };
  return `<article class="teams message"></article><script>(${DRAW})(${asScript(given)})</script>`;
}

/** JSON as it may stand in a script of a page. */
function asScript(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
}

/** Each chart becomes a reference to what was drawn of it. */
function withCharts(value: unknown, place: (chart: Json) => number): unknown {
  if (Array.isArray(value)) return value.map((item) => withCharts(item, place));
  if (!isRecord(value)) return value;
  if (value['type'] === 'Chart.Line') return { type: 'Chart.Line', drawn: place(value) };
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withCharts(item, place)]));
}

/** What stands for a mention in the card's text, and who is shown there. */
function namesBy({ msteams }: Json): Map<string, string> {
  const entities = isRecord(msteams) ? recordsOf(msteams['entities']) : [];
  return new Map(
    entities.map(({ text, mentioned }) => [textOf(text), isRecord(mentioned) ? textOf(mentioned['name']) : '']),
  );
}

/** Teams shows a mention as the name in its colour of links. */
function withMentions(value: unknown, names: Map<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item) => withMentions(item, names));
  if (!isRecord(value)) return value;
  const name = value['type'] === 'TextBlock' ? names.get(textOf(value['text'])) : undefined;
  if (name !== undefined) return { ...value, text: name, color: 'Accent', weight: 'Bolder' };
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withMentions(item, names)]));
}

function drawChart(chart: Json, theme: Theme): string {
  return drawLines(
    {
      title: textOf(chart['title']),
      xLabel: textOf(chart['xAxisTitle']),
      yLabel: textOf(chart['yAxisTitle']),
      series: recordsOf(chart['data']).map(({ legend, values }) => ({
        name: textOf(legend),
        points: recordsOf(values).map(({ x, y }) => ({ x: textOf(x), y: Number(y) })),
      })),
    },
    theme,
  );
}

/** Runs in the page. `drawn` is HTML of ours, everything else goes through the card renderer. */
const DRAW = `({ card, host, charts }) => {
  const { AdaptiveCard, CardElement, HostConfig, NumProperty, SerializationContext, Versions, CardObjectRegistry, GlobalRegistry } = AdaptiveCards;
  class Chart extends CardElement {
    static drawnProperty = new NumProperty(Versions.v1_0, 'drawn');
    getJsonTypeName() { return 'Chart.Line'; }
    internalRender() {
      const figure = document.createElement('figure');
      figure.innerHTML = charts[this.getValue(Chart.drawnProperty)] ?? '';
      return figure;
    }
  }
  const context = new SerializationContext();
  const elements = new CardObjectRegistry();
  GlobalRegistry.populateWithDefaultElements(elements);
  elements.register('Chart.Line', Chart);
  context.setElementRegistry(elements);
  const shown = new AdaptiveCard();
  shown.hostConfig = new HostConfig(host);
  shown.parse(card, context);
  const article = document.currentScript.previousElementSibling;
  shown.render(article);
  for (let index = 0; index < context.eventCount; index += 1) {
    const problem = document.createElement('div');
    problem.className = 'problem';
    problem.textContent = 'cannot be shown: ' + context.getEventAt(index).message;
    article.append(problem);
  }
}`;
