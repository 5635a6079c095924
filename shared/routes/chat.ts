import { privacyAt } from '../chat/routing.ts';
import type { CommandPorts } from '../commands/command.ts';
import { AZURE_CLOUDS } from '../config/clouds.ts';
import type { Access } from '../config/exposure.ts';
import type { Config } from '../config.ts';
import type { SlackDesk, TokenVerifier } from '../ports.ts';
import { sharedSecrets } from './auth.ts';
import { errorResponse, type Route } from './http.ts';
import { pagerDutyRoute } from './pagerduty.ts';
import { slackRoute } from './slack.ts';
import { cardFor } from './teams/card.ts';
import { teamsBotRoute } from './teams-messages.ts';
import { teamsWebhookRoute } from './teams-webhook.ts';

export type ChatRouteDeps = {
  config: Config;
  ports: CommandPorts;
  desk: SlackDesk;
  /** Checks who brings what Teams has for its bot; without one nobody does. */
  botVerifier?: TokenVerifier | undefined;
  /** Who may call; in a cloud whoever shows the credential, or nobody. */
  exposure: { slack: Access; teamsWebhook: Access };
};

/** `POST /api/slack/…`, `/api/teams/…` and `/api/pagerduty/…`: everything that chat platforms and who calls people send. */
export function chatRoute({ config, ports, desk, botVerifier, exposure }: ChatRouteDeps): Route {
  const { settings, bodyBytes, endpoints, teamsTenantId } = config;
  const slack = slackRoute({
    ports,
    desk,
    bodyBytes,
    access: signedBy(config.slackSigningSecret, exposure.slack),
    privacyAt: (channel) => privacyAt(settings.routes, `slack-bot:${channel}`),
    ...(endpoints.SLACK === undefined ? {} : { endpoint: endpoints.SLACK }),
  });
  const teamsBot = teamsBotRoute({
    ports,
    bodyBytes,
    verifier: botVerifier,
    tenantId: teamsTenantId,
    hosts: AZURE_CLOUDS[config.cloud].botFramework.hosts,
    endpoint: endpoints.TEAMS,
    privacyAt: (conversationId) => privacyAt(settings.routes, `teams-bot:${conversationId}`),
    messageFor: (record, destination) => cardFor(config, ports, record, destination),
  });
  const teamsWebhook = teamsWebhookRoute({
    ports,
    bodyBytes,
    access: signedBy(config.teamsWebhookSecret, exposure.teamsWebhook),
    privacy: privacyAt(settings.routes, 'teams-workflow'),
    ...(teamsTenantId === undefined ? {} : { tenantId: teamsTenantId.toLowerCase() }),
  });
  const pagerDuty = pagerDutyRoute({ ports, bodyBytes, secrets: sharedSecrets(config.pagerdutyWebhookSecret) });
  return async (request) => {
    if (request.path.startsWith('/api/slack/')) return slack(request);
    if (request.path.replace(/\/$/, '') === '/api/teams/messages') return teamsBot(request);
    if (request.path.replace(/\/$/, '') === '/api/teams/webhook') return teamsWebhook(request);
    if (request.path.replace(/\/$/, '') === '/api/pagerduty/webhook') return pagerDuty(request);
    return errorResponse(
      404,
      'there is nothing here',
      '',
      'there is /api/slack/commands, /api/slack/interactions, /api/teams/messages, /api/teams/webhook, /api/pagerduty/webhook',
    );
  };
}

type Signed = { kind: 'signed'; secrets: readonly string[] } | { kind: 'open' } | { kind: 'closed' };

function signedBy(secret: { reveal(): string } | undefined, access: Access): Signed {
  if (secret !== undefined) return { kind: 'signed', secrets: sharedSecrets(secret) };
  return access === 'open' ? { kind: 'open' } : { kind: 'closed' };
}
