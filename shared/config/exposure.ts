import type { Config } from './assemble.ts';
import { isLoopback } from './loopback.ts';

/** Who may call a group of routes: anyone, a caller who shows the credential, or no one (each call answers 401). */
export type Access = 'open' | 'credential' | 'refused';

export type Exposure = {
  alerts: Access;
  /** GET routes, save `/api/health`, which is always open and gives no detail. */
  reads: Access;
  slack: Access;
  teamsMessages: Access;
  teamsWebhook: Access;
  /** True when no group asks for a credential. */
  open: boolean;
  /** Why `serve` must not start, with the next step. */
  startRefused?: string;
};

type Credentials = Pick<
  Config,
  | 'runtime'
  | 'alertToken'
  | 'alertAudience'
  | 'readToken'
  | 'readAudience'
  | 'slackSigningSecret'
  | 'teamsAppId'
  | 'teamsWebhookSecret'
>;

/**
 * What a process that listens on `host` may let in. Only on this machine, and never in a cloud, is a route without
 * credential open; a server that could take no alert at all is not started.
 */
export function exposure(config: Credentials, host: string): Exposure {
  const onlyHere = config.runtime === 'local' && isLoopback(host);
  const access = (...credentials: readonly unknown[]): Access => {
    if (credentials.some((credential) => credential !== undefined)) return 'credential';
    return onlyHere ? 'open' : 'refused';
  };
  const groups = {
    alerts: access(config.alertToken, config.alertAudience),
    // In a cloud a shared token does not open what names people and resources (field-notes 36).
    reads: access(config.readAudience, config.runtime === 'local' ? config.readToken : undefined),
    slack: access(config.slackSigningSecret),
    teamsMessages: access(config.teamsAppId),
    teamsWebhook: access(config.teamsWebhookSecret),
  };
  const open = Object.values(groups).every((group) => group === 'open');
  if (groups.alerts !== 'refused') return { ...groups, open };
  return {
    ...groups,
    open,
    startRefused: `Anyone who reaches ${host} could send alerts: set HEADROOM_ALERT_TOKEN, or listen on 127.0.0.1.`,
  };
}
