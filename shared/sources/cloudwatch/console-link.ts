import type { Resource } from '../../model.ts';

/** Console hosts by partition; the commercial one takes the region in front. */
const HOSTS: Readonly<Record<string, (region: string) => string>> = {
  aws: (region) => `${region}.console.aws.amazon.com`,
  'aws-us-gov': () => 'console.amazonaws-us-gov.com',
  'aws-cn': () => 'console.amazonaws.cn',
};

/** The page of an alarm in the console, as CloudWatch's own e-mails link it; undefined where it cannot be told. */
export function consoleLink(alarm: Resource | null): string | undefined {
  const partition = alarm?.id.split(':')[1] ?? '';
  if (!alarm?.region || !Object.hasOwn(HOSTS, partition)) return undefined;
  const host = HOSTS[partition]?.(alarm.region);
  return `https://${host}/cloudwatch/deeplink.js?region=${alarm.region}#alarmsV2:alarm/${encodeURIComponent(alarm.name)}`;
}
