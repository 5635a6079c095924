/**
 * What an installation costs a month, from assumptions that stand here one by one: list prices and how much is used. Prices
 * change and differ by region; put your own in and run `node infra/prices.ts [vaults …]`. The guides carry its tables.
 */

const SECONDS = 2_628_000;
const MINUTES = SECONDS / 60;

/** US dollars, list prices of East US and us-east-1 as assumed on 2026-11-21, without free grants but where one is named. */
export const PRICES = {
  flexBaselineGibSecond: 0.000_004,
  flexExecutionGibSecond: 0.000_016,
  flexMillionExecutions: 0.4,
  appConfigurationStandardDay: 1.2,
  vaultTenThousandOperations: 0.03,
  logAnalyticsGb: 2.3,
  /** Tables of the plan Basic, which cost by the question besides. */
  logAnalyticsBasicGb: 0.5,
  /** Each resource that a rule watches is a series; so is each value of a dimension that it names. */
  metricRuleSeries: 0.1,
  logRuleEvery5Minutes: 1.5,
  queueTenThousandOperations: 0.004,
  tableTenThousandOperations: 0.000_36,
  blobTenThousandWrites: 0.0625,
  storageGb: 0.023,
  privateEndpointHour: 0.01,
  lambdaGibSecond: 0.000_013_333_4,
  lambdaMillionRequests: 0.2,
  dynamoMillionWrites: 0.625,
  dynamoMillionReads: 0.125,
  dynamoGb: 0.25,
  dynamoBackupGb: 0.2,
  sqsMillionRequests: 0.4,
  s3ThousandWrites: 0.005,
  keyMonth: 1,
  keyTenThousandRequests: 0.03,
  secretMonth: 0.4,
  secretTenThousandReads: 0.05,
  cloudWatchLogsGb: 0.5,
  cloudWatchAlarm: 0.1,
  cloudWatchMetric: 0.3,
  xRayMillionTraces: 5,
} as const;

/** How much is used; per vault and month where it says so. */
export const USE = {
  /** Fired and resolved each count. */
  alertsPerVault: 20,
  incidentsPerVault: 5,
  /** Runs of the diagnosis, edits, presses: deliveries from the queue of one incident. */
  deliveriesPerIncident: 12,
  secondsPerDelivery: 1.5,
  secondsPerAlert: 0.1,
  secondsPerWatch: 1,
  /** Requests of the stores for an alert that joins an incident, measured: bench/RESULTS.md. */
  storeRequestsPerAlert: 10,
  storeRequestsPerWatch: 15,
  /** 4 KiB written is four write units of DynamoDB. */
  writeUnitsPerRequest: 2,
  storedKibPerAlert: 12,
  ownLogKibPerAlert: 8,
  /** The minute's own lines and traces. */
  ownLogKibPerMinute: 2,
  /** Rules about Key Vault, one series of each vault. */
  rulesPerVault: 6,
  /** A vault with 5 requests a second, 1.5 KB a row: only where it does not log yet. */
  auditGbPerVault: 20,
  privateEndpoints: 5,
  /** Each of five functions reads its secret every five minutes while it is warm. */
  warmFunctions: 3,
  alwaysReadyGib: 2,
} as const;

export type Line = { what: string; usd: number };
export type Bill = { vaults: number; lines: Line[]; total: number };

export function azureBill(vaults: number): Bill {
  const load = loadOf(vaults);
  const alwaysReady = 2 * USE.alwaysReadyGib * SECONDS * PRICES.flexBaselineGibSecond;
  const work = load.busySeconds * USE.alwaysReadyGib * PRICES.flexExecutionGibSecond;
  const executions = (load.calls / 1e6) * PRICES.flexMillionExecutions;
  // The host looks into the queue every second.
  const queue = ((SECONDS + load.deliveries * 3) / 1e4) * PRICES.queueTenThousandOperations;
  const table = (load.storeRequests / 1e4) * PRICES.tableTenThousandOperations;
  const blobs = (load.incidents / 1e4) * PRICES.blobTenThousandWrites + load.storedGb * PRICES.storageGb;
  return bill(vaults, [
    { what: 'two instances always ready', usd: alwaysReady },
    { what: 'work', usd: work + executions },
    { what: 'storage account', usd: queue + table + blobs },
    { what: 'App Configuration', usd: PRICES.appConfigurationStandardDay * 30.4 },
    { what: 'Headroom\u2019s own log', usd: load.ownLogGb * PRICES.logAnalyticsGb },
    { what: 'metric rules, 6 a vault', usd: USE.rulesPerVault * vaults * PRICES.metricRuleSeries },
    { what: 'heartbeat, canary', usd: PRICES.logRuleEvery5Minutes + PRICES.metricRuleSeries },
  ]);
}

export function awsBill(vaults: number): Bill {
  const load = loadOf(vaults);
  const gibSeconds =
    load.deliveries * USE.secondsPerDelivery + (load.alerts * USE.secondsPerAlert + MINUTES * USE.secondsPerWatch) / 2;
  const lambda = gibSeconds * PRICES.lambdaGibSecond + (load.calls / 1e6) * PRICES.lambdaMillionRequests;
  const writes = (load.storeRequests / 2) * USE.writeUnitsPerRequest;
  const table =
    (writes / 1e6) * PRICES.dynamoMillionWrites +
    (load.storeRequests / 2e6) * PRICES.dynamoMillionReads +
    load.storedGb * (PRICES.dynamoGb + PRICES.dynamoBackupGb);
  // The mapping keeps five pollers that wait up to 20 s each.
  const sqs = ((load.deliveries * 3 + (SECONDS / 20) * 5) / 1e6) * PRICES.sqsMillionRequests;
  const secretReads = (MINUTES / 5) * USE.warmFunctions;
  return bill(vaults, [
    { what: 'Lambda', usd: lambda },
    { what: 'DynamoDB, with backup', usd: table },
    { what: 'SQS, S3', usd: sqs + (load.incidents / 1e3) * PRICES.s3ThousandWrites },
    {
      what: 'key and secret',
      usd:
        PRICES.keyMonth +
        (load.storeRequests / 1e6) * PRICES.keyTenThousandRequests +
        PRICES.secretMonth +
        (secretReads / 1e4) * PRICES.secretTenThousandReads,
    },
    { what: 'logs', usd: load.ownLogGb * PRICES.cloudWatchLogsGb },
    { what: 'five alarms, one metric', usd: 5 * PRICES.cloudWatchAlarm + PRICES.cloudWatchMetric },
    { what: 'traces', usd: (load.calls / 1e6) * PRICES.xRayMillionTraces },
  ]);
}

/** What is paid besides, by choice: for each vault, or for the installation. */
export const CHOICES: readonly Line[] = [
  {
    what: 'audit log of a vault that had none, at 5 requests a second',
    usd: USE.auditGbPerVault * PRICES.logAnalyticsGb,
  },
  { what: 'private mode, five endpoints', usd: USE.privateEndpoints * PRICES.privateEndpointHour * 730 },
  { what: 'store of levers, where actions are on', usd: PRICES.appConfigurationStandardDay * 30.4 },
  {
    what: 'alarm on a shard of GitLab runners, with its metric',
    usd: PRICES.cloudWatchAlarm + PRICES.cloudWatchMetric,
  },
];

function loadOf(vaults: number) {
  const alerts = vaults * USE.alertsPerVault;
  const incidents = vaults * USE.incidentsPerVault;
  const deliveries = incidents * USE.deliveriesPerIncident;
  return {
    alerts,
    incidents,
    deliveries,
    calls: alerts + deliveries + MINUTES,
    busySeconds: alerts * USE.secondsPerAlert + deliveries * USE.secondsPerDelivery + MINUTES * USE.secondsPerWatch,
    storeRequests: (alerts + deliveries) * USE.storeRequestsPerAlert + MINUTES * USE.storeRequestsPerWatch,
    storedGb: (alerts * USE.storedKibPerAlert) / 2 ** 20,
    ownLogGb: (alerts * USE.ownLogKibPerAlert + MINUTES * USE.ownLogKibPerMinute) / 2 ** 20,
  };
}

function bill(vaults: number, lines: Line[]): Bill {
  return { vaults, lines, total: lines.reduce((sum, { usd }) => sum + usd, 0) };
}

/** A Markdown table, a column for each number of vaults; whole dollars, cents below ten. */
export function tableOf(bills: readonly Bill[]): string {
  const [first] = bills;
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const lines = (first?.lines ?? []).map(({ what }, i) =>
    row([what, ...bills.map((one) => money(one.lines[i]?.usd ?? 0))]),
  );
  return [
    row(['US dollars a month', ...bills.map(({ vaults }) => `${vaults.toLocaleString('en')} vaults`)]),
    row(['---', ...bills.map(() => '---:')]),
    ...lines,
    row(['**together**', ...bills.map(({ total }) => `**${money(total)}**`)]),
  ].join('\n');
}

export function money(usd: number): string {
  return usd >= 10 ? Math.round(usd).toLocaleString('en') : usd.toFixed(2);
}

if (import.meta.main) {
  const asked = process.argv
    .slice(2)
    .map(Number)
    .filter((vaults) => vaults > 0);
  const vaults = asked.length > 0 ? asked : [10, 100, 1_000];
  process.stdout.write(
    `Azure\n${tableOf(vaults.map(azureBill))}\n\nAWS\n${tableOf(vaults.map(awsBill))}\n\nBy choice\n`,
  );
  for (const { what, usd } of CHOICES) process.stdout.write(`${money(usd).padStart(8)}  ${what}\n`);
}
