/** @see https://docs.aws.amazon.com/health/latest/ug/aws-health-events-eventbridge-schema.html */
export const HEALTH_EVENT = {
  version: '0',
  id: '7bf73129-1428-4cd3-a780-95db273d1602',
  'detail-type': 'AWS Health Event',
  source: 'aws.health',
  account: '123456789012',
  time: '2026-01-05T10:00:00Z',
  region: 'eu-west-1',
  resources: [],
  detail: {
    eventArn: 'arn:aws:health:eu-west-1::event/STS/AWS_STS_OPERATIONAL_ISSUE/AWS_STS_OPERATIONAL_ISSUE_1',
    service: 'STS',
    eventTypeCode: 'AWS_STS_OPERATIONAL_ISSUE',
    eventTypeCategory: 'issue',
    statusCode: 'open',
  },
};

/** As EventBridge does it: a field alone is written as JSON, one inside quotes as it is. */
export function transformed(event: unknown, rule: Record<string, unknown> | undefined): unknown {
  const target: unknown = Object(rule?.['Properties'])['Targets']?.[0]?.['InputTransformer'];
  const { InputPathsMap: paths, InputTemplate } = Object(target);
  const template = templateText(InputTemplate);
  const values = Object.entries(paths).map(([name, path]) => {
    const parts = String(path).split('.').slice(1);
    return [name, String(parts.reduce<unknown>((value, part) => Object(value)[part], event))] as const;
  });
  const filled = values.reduce((text, [name, value]) => {
    const alone = text.replaceAll(
      new RegExp(`(":|\\[|,)<${name}>`, 'g'),
      (_, before: string) => before + JSON.stringify(value),
    );
    return alone.replaceAll(`<${name}>`, value);
  }, template);
  return JSON.parse(filled);
}

/** The partition is known when the template is deployed. */
function templateText(template: unknown): string {
  if (typeof template === 'string') return template;
  const parts: unknown = Object(template)['Fn::Join']?.[1];
  return Array.isArray(parts) ? parts.map((part) => (typeof part === 'string' ? part : 'aws')).join('') : '';
}
