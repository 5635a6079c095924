/**
 * Hosts and token scopes of each cloud, in one table.
 *
 * `scope` is what a token is asked for; it is not always the host (Log Analytics answers at one name and issues tokens
 * for another). `suffix` is what a resource's own host ends with.
 */
export type AzureCloud = 'public' | 'usgov' | 'china';

export type AzureHosts = {
  /** Where tokens are issued, and the keys that sign them are listed. */
  authority: string;
  /** What `iss` begins with, in tokens of version 1 and 2; the tenant follows. */
  issuers: { v1: string; v2: string };
  arm: { url: string; scope: string };
  graph: { url: string; scope: string };
  /** Log Analytics queries; paths begin with `/v1`. */
  logs: { url: string; scope: string };
  /** Metrics of many resources: `https://<region>.<suffix>`. */
  metrics: { suffix: string; scope: string };
  vault: { suffix: string; scope: string };
  appConfiguration: { suffix: string; scope: string };
  storage: { suffix: string; scope: string };
  /** Who signs what Teams sends, where its keys are listed, what a bot's token is asked for, and the hosts that a bot may speak to. */
  botFramework: { issuer: string; keysUrl: string; scope: string; hosts: readonly string[] };
  /** Audience of a foreign token that is exchanged for one of this cloud. */
  tokenExchangeAudience: string;
  portal: string;
};

/**
 * @see https://learn.microsoft.com/en-us/azure/azure-government/compare-azure-government-global-azure
 * @see https://learn.microsoft.com/en-us/azure/china/resources-developer-guide
 * @see https://learn.microsoft.com/en-us/azure/azure-app-configuration/rest-api-authentication-azure-ad
 * @see https://learn.microsoft.com/en-us/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity
 * @see https://microsoft.github.io/teams-sdk/csharp/essentials/app-configuration/service-url-validation for hosts of Teams
 */
export const AZURE_CLOUDS: Readonly<Record<AzureCloud, AzureHosts>> = {
  public: {
    authority: 'https://login.microsoftonline.com',
    issuers: { v1: 'https://sts.windows.net', v2: 'https://login.microsoftonline.com' },
    arm: { url: 'https://management.azure.com', scope: 'https://management.azure.com/.default' },
    graph: { url: 'https://graph.microsoft.com', scope: 'https://graph.microsoft.com/.default' },
    logs: { url: 'https://api.loganalytics.azure.com', scope: 'https://api.loganalytics.io/.default' },
    metrics: { suffix: 'metrics.monitor.azure.com', scope: 'https://metrics.monitor.azure.com/.default' },
    vault: { suffix: 'vault.azure.net', scope: 'https://vault.azure.net/.default' },
    appConfiguration: { suffix: 'azconfig.io', scope: 'https://appconfig.azure.com/.default' },
    storage: { suffix: 'core.windows.net', scope: 'https://storage.azure.com/.default' },
    botFramework: {
      issuer: 'https://api.botframework.com',
      keysUrl: 'https://login.botframework.com/v1/.well-known/keys',
      scope: 'https://api.botframework.com/.default',
      hosts: [
        'smba.trafficmanager.net',
        'smba.onyx.prod.teams.trafficmanager.net',
        'smba.infra.gcc.teams.microsoft.com',
      ],
    },
    tokenExchangeAudience: 'api://AzureADTokenExchange',
    portal: 'https://portal.azure.com',
  },
  usgov: {
    authority: 'https://login.microsoftonline.us',
    issuers: { v1: 'https://sts.windows.net', v2: 'https://login.microsoftonline.us' },
    arm: { url: 'https://management.usgovcloudapi.net', scope: 'https://management.usgovcloudapi.net/.default' },
    graph: { url: 'https://graph.microsoft.us', scope: 'https://graph.microsoft.us/.default' },
    logs: { url: 'https://api.loganalytics.us', scope: 'https://api.loganalytics.us/.default' },
    metrics: { suffix: 'metrics.monitor.azure.us', scope: 'https://metrics.monitor.azure.us/.default' },
    vault: { suffix: 'vault.usgovcloudapi.net', scope: 'https://vault.usgovcloudapi.net/.default' },
    appConfiguration: { suffix: 'azconfig.azure.us', scope: 'https://appconfig.azure.us/.default' },
    storage: { suffix: 'core.usgovcloudapi.net', scope: 'https://storage.azure.com/.default' },
    botFramework: {
      issuer: 'https://api.botframework.us',
      keysUrl: 'https://login.botframework.azure.us/v1/.well-known/keys',
      scope: 'https://api.botframework.us/.default',
      hosts: ['smba.infra.gov.teams.microsoft.us', 'smba.infra.dod.teams.microsoft.us'],
    },
    tokenExchangeAudience: 'api://AzureADTokenExchangeUSGov',
    portal: 'https://portal.azure.us',
  },
  china: {
    authority: 'https://login.chinacloudapi.cn',
    issuers: { v1: 'https://sts.chinacloudapi.cn', v2: 'https://login.partner.microsoftonline.cn' },
    arm: { url: 'https://management.chinacloudapi.cn', scope: 'https://management.chinacloudapi.cn/.default' },
    graph: {
      url: 'https://microsoftgraph.chinacloudapi.cn',
      scope: 'https://microsoftgraph.chinacloudapi.cn/.default',
    },
    logs: { url: 'https://api.loganalytics.azure.cn', scope: 'https://api.loganalytics.azure.cn/.default' },
    metrics: { suffix: 'metrics.monitor.azure.cn', scope: 'https://metrics.monitor.azure.cn/.default' },
    vault: { suffix: 'vault.azure.cn', scope: 'https://vault.azure.cn/.default' },
    appConfiguration: { suffix: 'azconfig.azure.cn', scope: 'https://appconfig.azure.cn/.default' },
    storage: { suffix: 'core.chinacloudapi.cn', scope: 'https://storage.azure.com/.default' },
    botFramework: {
      issuer: 'https://api.botframework.azure.cn',
      keysUrl: 'https://login.botframework.azure.cn/v1/.well-known/keys',
      scope: 'https://api.botframework.azure.cn/.default',
      hosts: ['frontend.botapi.msg.infra.teams.microsoftonline.cn'],
    },
    tokenExchangeAudience: 'api://AzureADTokenExchangeChina',
    portal: 'https://portal.azure.cn',
  },
};

export type AwsPartition = 'aws' | 'aws-us-gov' | 'aws-cn';

export type AwsHosts = {
  /** A regional service is at `<service>.<region>.<suffix>`. */
  suffix: string;
  /** The console is at `<region>.<console>`. */
  console: string;
};

/** @see https://docs.aws.amazon.com/general/latest/gr/rande.html */
export const AWS_PARTITIONS: Readonly<Record<AwsPartition, AwsHosts>> = {
  aws: { suffix: 'amazonaws.com', console: 'console.aws.amazon.com' },
  'aws-us-gov': { suffix: 'amazonaws.com', console: 'console.amazonaws-us-gov.com' },
  'aws-cn': { suffix: 'amazonaws.com.cn', console: 'console.amazonaws.cn' },
};
