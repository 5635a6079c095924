import { privacyAt } from '../chat/routing.ts';
import type { CommandPorts } from '../commands/command.ts';
import type { Access } from '../config/exposure.ts';
import type { Config } from '../config.ts';
import type { SlackDesk } from '../ports.ts';
import { sharedSecrets } from './auth.ts';
import { errorResponse, type Route } from './http.ts';
import { slackRoute } from './slack.ts';
import { teamsWebhookRoute } from './teams-webhook.ts';

export type ChatRouteDeps = {
  config: Config;
  ports: CommandPorts;
  desk: SlackDesk;
  /** Who may call; in a cloud whoever shows the credential, or nobody. */
  exposure: { slack: Access; teamsWebhook: Access };
};

/** `POST /api/slack/…` and `/api/teams/…`: everything that chat platforms send. */
export function chatRoute({ config, ports, desk, exposure }: ChatRouteDeps): Route {
  const { settings, bodyBytes, endpoints, teamsTenantId } = config;
  const slack = slackRoute({
    ports,
    desk,
    bodyBytes,
    access: signedBy(config.slackSigningSecret, exposure.slack),
    privacyAt: (channel) => privacyAt(settings.routes, `slack-bot:${channel}`),
    ...(endpoints.SLACK === undefined ? {} : { endpoint: endpoints.SLACK }),
  });
  const teamsWebhook = teamsWebhookRoute({
    ports,
    bodyBytes,
    access: signedBy(config.teamsWebhookSecret, exposure.teamsWebhook),
    privacy: privacyAt(settings.routes, 'teams-workflow'),
    ...(teamsTenantId === undefined ? {} : { tenantId: teamsTenantId.toLowerCase() }),
  });
  return async (request) => {
    if (request.path.startsWith('/api/slack/')) return slack(request);
    if (request.path.replace(/\/$/, '') === '/api/teams/webhook') return teamsWebhook(request);
    return errorResponse(
      404,
      'there is nothing here',
      '',
      'there is /api/slack/commands, /api/slack/interactions, /api/teams/webhook',
    );
  };
}

type Signed = { kind: 'signed'; secrets: readonly string[] } | { kind: 'open' } | { kind: 'closed' };

function signedBy(secret: { reveal(): string } | undefined, access: Access): Signed {
  if (secret !== undefined) return { kind: 'signed', secrets: sharedSecrets(secret) };
  return access === 'open' ? { kind: 'open' } : { kind: 'closed' };
}
