/**
 * Which limit an operation of Key Vault counts against, by its name in the audit log. The first rule that matches holds.
 *
 * `challenge` is the unauthenticated call that a client makes to learn where to get a token: no limit is published for it.
 * `notice` is what the vault itself writes down. `management` is the control plane, which Azure Resource Manager limits on
 * its own.
 *
 * @see https://learn.microsoft.com/azure/key-vault/general/service-limits
 * @see https://learn.microsoft.com/azure/key-vault/general/logging (names of operations)
 */
export const OPERATION_CLASSES: readonly { names?: readonly string[]; prefix?: string; class: string }[] = [
  { names: ['Authentication'], class: 'challenge' },
  {
    names: [
      'KeyNearExpiryEventGridNotification',
      'KeyExpiredEventGridNotification',
      'SecretNearExpiryEventGridNotification',
      'SecretExpiredEventGridNotification',
      'CertificateNearExpiryEventGridNotification',
      'CertificateExpiredEventGridNotification',
      'KeyRotateIfDue',
    ],
    class: 'notice',
  },
  { names: ['SecretSet', 'CertificateImport', 'KeyImport'], class: 'create' },
  { names: ['KeyCreate', 'CertificateCreate'], class: 'key-create' },
  { prefix: 'Key', class: 'key' },
  { prefix: 'Vault', class: 'management' },
];

/** Secrets, certificates and whatever else the vault serves. */
export const OTHER_CLASS = 'secret';

/** Classes that a limit is published for, and that what-if replays. */
export const LIMITED_CLASSES = ['secret', 'create', 'key', 'key-create'] as const;

/** Classes that create something: their limits are a tenth of the others' or less. */
export const CREATING_CLASSES = ['create', 'key-create'] as const;

/** Reads whose answer a client may keep. */
export const CACHEABLE_OPERATIONS = ['SecretGet', 'CertificateGet', 'KeyGet'] as const;

/** What is done with a key inside the vault. */
export const CRYPTOGRAPHIC_OPERATIONS = [
  'KeySign',
  'KeyVerify',
  'KeyWrap',
  'KeyUnwrap',
  'KeyEncrypt',
  'KeyDecrypt',
] as const;

/** Everything that a vault holds, page by page. */
export const LIST_OPERATIONS = ['SecretList', 'CertificateList', 'KeyList'] as const;

/** What an enumeration asks of each thing that a list named. */
export const EACH_OPERATIONS = [
  ...CACHEABLE_OPERATIONS,
  'SecretListVersions',
  'CertificateListVersions',
  'KeyListVersions',
  'CertificatePolicyGet',
] as const;
