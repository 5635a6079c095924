/** A metric passes its threshold: real Prometheus, real Alertmanager, Headroom as people start it, a message in chat. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startServer } from '../../simulation/servers/http-server.ts';
import { ALERT_TOKEN, startTrial, type Trial } from '../trial.ts';
import { type Emulator, startEmulator } from './emulator.ts';
import { findPrometheus, type Programs } from './prometheus/install.ts';
import type { Report } from './report.ts';

const TITLE = 'Prometheus and Alertmanager';

export const prometheusStage = { title: TITLE, run };

const CLI = resolve(import.meta.dirname, '../../cli/headroom.mjs');

/** From a changed metric to a changed message: a scrape, an evaluation, a group's interval, each a second, and the machine's mood. */
const WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 100;

/** A gauge of one vault, as an exporter shows it. */
type Exporter = { origin: string; refused: number; close(): Promise<void> };

async function run(report: Report): Promise<void> {
  const found = findPrometheus((line) => process.stdout.write(`${line}\n`));
  if (found.kind === 'missing') {
    process.stdout.write(`skipped ${TITLE}: ${found.why}\n`);
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'headroom-prometheus-run-'));
  const ending: (() => Promise<void>)[] = [];
  try {
    const exporter = await startExporter();
    ending.push(() => exporter.close());
    const trial = await startTrial();
    ending.push(() => trial.remove());
    const headroom = await startHeadroom(trial.environment);
    ending.push(() => headroom.stop());
    const alertmanager = await startAlertmanager(found.programs, folder, headroom.found);
    ending.push(() => alertmanager.stop());
    const prometheus = await startPrometheus(found.programs, folder, exporter.origin, alertmanager.found);
    ending.push(() => prometheus.stop());
    await check(report, { exporter, trial, headroom });
  } finally {
    for (const end of ending.reverse()) await end();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function check(
  report: Report,
  world: { exporter: Exporter; trial: Trial; headroom: Emulator<string> },
): Promise<void> {
  const { exporter, trial, headroom } = world;
  const texts = (): string[] => trial.slack.messages.map((message) => JSON.stringify(message));

  await report.check('a metric over its threshold stands in chat, by rule and resource', async () => {
    const startedMs = performance.now();
    exporter.refused = 12;
    await until('a message in chat', () => texts().length > 0, headroom);
    assert.match(texts()[0] ?? '', /KeyVaultRefuses/);
    assert.match(texts()[0] ?? '', /kv-contoso/);
    process.stdout.write(`        from metric to message: ${Math.round(performance.now() - startedMs)} ms\n`);
  });

  await report.check('it is one incident however often it is sent, and resolved when the metric falls', async () => {
    exporter.refused = 0;
    const isResolved = () => texts().some((text) => /resolved/i.test(text));
    await until('a message that says resolved', isResolved, headroom);
    const answer = await fetch(`${headroom.found}/api/incidents`);
    const { incidents } = Object(await answer.json());
    assert.equal(incidents.length, 1);
    assert.equal(incidents[0].state, 'resolved');
  });

  await report.check('without its token Alertmanager would be refused', async () => {
    const answer = await fetch(`${headroom.found}/api/alerts/alertmanager`, { method: 'POST', body: '{}' });
    assert.equal(answer.status, 401);
  });
}

async function startExporter(): Promise<Exporter> {
  const server = await startServer(({ response }) => {
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' });
    response.end(`# TYPE vault_refused gauge\nvault_refused{vault="kv-contoso"} ${exporter.refused}\n`);
  });
  const exporter: Exporter = { origin: server.origin, refused: 0, close: () => server.close() };
  return exporter;
}

function startHeadroom(environment: Record<string, string>): Promise<Emulator<string>> {
  return startEmulator({
    name: 'headroom serve',
    command: process.execPath,
    args: [CLI, 'serve', '--port', '0'],
    environment,
    folder: environment['HEADROOM_HOME'] ?? tmpdir(),
    ready: (log) => /listens on (http:\S+)/.exec(log)?.[1] ?? null,
  });
}

function startAlertmanager(programs: Programs, folder: string, headroom: string): Promise<Emulator<string>> {
  const file = join(folder, 'alertmanager.json');
  const webhook = {
    url: `${headroom}/api/alerts/alertmanager`,
    send_resolved: true,
    http_config: { authorization: { type: 'Bearer', credentials: ALERT_TOKEN } },
  };
  const route = { receiver: 'headroom', group_by: ['alertname'], group_wait: '0s', group_interval: '1s' };
  // JSON is YAML.
  writeFileSync(file, JSON.stringify({ route, receivers: [{ name: 'headroom', webhook_configs: [webhook] }] }));
  return startEmulator({
    name: 'Alertmanager',
    ...commandOf(programs.alertmanager),
    args: [
      ...programs.alertmanager.slice(1),
      `--config.file=${file}`,
      `--storage.path=${join(folder, 'alertmanager')}`,
      '--web.listen-address=127.0.0.1:0',
      '--cluster.listen-address=',
    ],
    ready: portOf,
  });
}

function startPrometheus(
  programs: Programs,
  folder: string,
  exporter: string,
  alertmanager: string,
): Promise<Emulator<string>> {
  const rule = {
    alert: 'KeyVaultRefuses',
    expr: 'vault_refused > 0',
    labels: { severity: 'warning', resource: '{{ $labels.vault }}' },
    annotations: { summary: 'Key Vault answers 429', value: '{{ $value }}' },
  };
  mkdirSync(join(folder, 'rules'));
  writeFileSync(join(folder, 'rules', 'vault.json'), JSON.stringify({ groups: [{ name: 'vault', rules: [rule] }] }));
  const file = join(folder, 'prometheus.json');
  const target = (url: string) => [{ targets: [new URL(url).host] }];
  writeFileSync(
    file,
    JSON.stringify({
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: [join(folder, 'rules', '*.json')],
      scrape_configs: [{ job_name: 'vaults', static_configs: target(exporter) }],
      alerting: { alertmanagers: [{ static_configs: target(alertmanager) }] },
    }),
  );
  return startEmulator({
    name: 'Prometheus',
    ...commandOf(programs.prometheus),
    args: [
      ...programs.prometheus.slice(1),
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(folder, 'prometheus')}`,
      '--web.listen-address=127.0.0.1:0',
    ],
    ready: portOf,
  });
}

function commandOf([command = '']: readonly string[]): { command: string } {
  return { command };
}

/** The web toolkit of both says where it listens once it does. */
function portOf(log: string): string | null {
  const port = /msg="?Listening on"? address=127\.0\.0\.1:([1-9]\d*)/.exec(log)?.[1];
  return port === undefined ? null : `http://127.0.0.1:${port}`;
}

async function until(what: string, holds: () => boolean, headroom: Emulator<string>): Promise<void> {
  const endsAtMs = performance.now() + WITHIN_MS;
  while (!holds()) {
    if (performance.now() > endsAtMs)
      throw new Error(`no ${what} within ${WITHIN_MS / 1_000} s. Headroom's log ends:\n${headroom.log()}`);
    await new Promise((done) => setTimeout(done, LOOK_EVERY_MS));
  }
}
