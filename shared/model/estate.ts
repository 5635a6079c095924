/** What stands in an estate of Azure, as `headroom onboard` and `headroom doctor --deployment` judge it. */

export type EstateKind = 'vault' | 'store';

/** A diagnostic setting that sends the audit log of a resource somewhere. */
export type AuditSetting = {
  name: string;
  /** `AuditEvent`, or a group that holds it: `audit`, `allLogs`. */
  categories: readonly string[];
  /** Lower-cased ARM id; null: to a storage account or an Event Hub alone, where nobody can ask. */
  workspaceId: string | null;
  /** Whether the rows go to a table of their own (`Dedicated`), or to `AzureDiagnostics`. */
  destination: 'Dedicated' | 'AzureDiagnostics';
  /** `AZKVAuditLogs`, `AACHttpRequest`, `AzureDiagnostics`. */
  table: string;
};

export type EstateResource = {
  /** Lower-cased ARM id. */
  id: string;
  name: string;
  kind: EstateKind;
  subscription: string;
  region: string;
  /** By the tag `headroom=off`. */
  optedOut: boolean;
  /** Null: they could not be read. */
  audit: readonly AuditSetting[] | null;
  /** By the metric of the last week; null: it says nothing. */
  requestsPerMonth: number | null;
};

/** One table of one workspace that audit logs go to; `plan` is null where it could not be read or holds nothing yet. */
export type EstateTable = { workspaceId: string; table: string; plan: string | null };

export type EstateRule = {
  name: string;
  subscription: string;
  enabled: boolean;
  kind: EstateKind;
  /** Null: a rule about the resources in `scopes` alone. */
  region: string | null;
  /** Lower-cased ARM ids. */
  scopes: readonly string[];
  /** Lower-cased ids of the action groups that it calls. */
  actionGroups: readonly string[];
};

/** Actions that the reader lacks on a subscription; null: its roles could not be read. */
export type ReaderRoles = { subscription: string; missing: readonly string[] | null };

export type Estate = {
  subscriptions: readonly string[];
  resources: readonly EstateResource[];
  tables: readonly EstateTable[];
  rules: readonly EstateRule[];
  /** Object id of the identity that reads; null: none was found or named. */
  reader: string | null;
  roles: readonly ReaderRoles[];
  /** There are more resources than were listed. */
  truncated: boolean;
  /** What could not be read, and the next step. */
  unread: readonly { what: string; nextStep: string }[];
};

/** A webhook of an action group. Its address holds a token: host and path alone are kept. */
export type WebhookReceiver = { name: string; host: string; path: string; commonSchema: boolean };

/** Null webhooks: there is no such action group. */
export type ReceiverGroup = { id: string; enabled: boolean; webhooks: readonly WebhookReceiver[] | null };
