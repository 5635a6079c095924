import type { Limit } from './limit.ts';

const PER_SECOND = { windowSeconds: 1, weight: 1, countsRefused: false } as const;

const AZURE_IMDS = {
  ...PER_SECOND,
  service: 'azure-imds',
  scope: 'machine',
  source: 'https://learn.microsoft.com/azure/virtual-machines/instance-metadata-service',
  readOn: '2026-11-21',
} as const;

/**
 * What hands out tokens. Azure's metadata service admits, besides, five requests for tokens at one time. For AWS's no
 * request rate is published: what is, are packets a second of one network interface to all link-local services together
 * (metadata, DNS, time).
 */
export const IDENTITY: readonly Limit[] = [
  {
    ...PER_SECOND,
    service: 'aws-sts',
    class: 'requests',
    max: 600,
    scope: 'account',
    source: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html',
    readOn: '2026-11-21',
  },
  { ...AZURE_IMDS, class: 'metadata', max: 5 },
  { ...AZURE_IMDS, class: 'token', max: 20 },
  {
    ...PER_SECOND,
    service: 'aws-link-local',
    class: 'packets',
    max: 1_024,
    scope: 'machine',
    source: 'https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html',
    readOn: '2026-11-20',
  },
];
