import { type Client, drawLanguage } from '../../callers/clients.ts';
import type { Operation } from '../../callers/instance.ts';
import { LANGUAGE_RETRY } from '../../callers/retry.ts';
import { askForEachPiece } from '../../callers/work.ts';
import { between, logarithmic, pick, type Random, whole } from '../../random.ts';
import type { KeyType } from '../../vault.ts';
import { type CorpusKind, type Draw, type Part, retryOf } from '../part.ts';
import { drawWorkLoad, lastsMs, piecesOf, shown } from './work-load.ts';

/** Microsoft applications that wrap keys for their customers: Storage, SQL Database, Cosmos DB, Disk Encryption's host. */
const FIRST_PARTY: readonly [string, ...string[]] = [
  'e406a681-f3d4-42a8-90b6-c2b029497af1',
  '022907d3-0f1b-48f7-badc-1ba6abab6d66',
  'a232010e-820c-4083-83bb-3ace5fc29d0b',
];

/** What an application does with keys: signs its tokens, or seals what it stores; shares of the operations. */
const HABITS = {
  signs: { KeySign: 0.8, KeyVerify: 0.2 },
  seals: { KeyWrap: 0.25, KeyUnwrap: 0.75 },
  encrypts: { KeyEncrypt: 0.45, KeyDecrypt: 0.55 },
} as const;
const VERBS: Readonly<Record<string, string>> = {
  KeySign: 'sign',
  KeyVerify: 'verify',
  KeyWrap: 'wrapkey',
  KeyUnwrap: 'unwrapkey',
  KeyEncrypt: 'encrypt',
  KeyDecrypt: 'decrypt',
};

type Key = {
  type: KeyType;
  hsm: boolean /** Share of the limit for software RSA-2048 that it is served. */;
  share: number;
};

/** @see https://learn.microsoft.com/azure/key-vault/general/service-limits */
const LIGHT: readonly [Key, ...Key[]] = [
  { type: 'rsa-2048', hsm: false, share: 1 },
  { type: 'ec', hsm: false, share: 1 },
];
const HEAVY: readonly [Key, ...Key[]] = [
  { type: 'rsa-2048', hsm: true, share: 1 / 2 },
  { type: 'rsa-3072', hsm: false, share: 1 / 4 },
  { type: 'rsa-4096', hsm: false, share: 1 / 8 },
  { type: 'rsa-3072', hsm: true, share: 1 / 8 },
  { type: 'rsa-4096', hsm: true, share: 1 / 16 },
];

/** An application or a service of Microsoft signs, wraps or decrypts for each piece of its work. */
export function drawServiceCaller(draw: Draw): Part {
  return drawKeyUser(draw, 'service-caller', pick(draw.random, LIGHT));
}

/** The same with a key of a type that is served far less often. */
export function drawKeyTypeLimit(draw: Draw): Part {
  return drawKeyUser(draw, 'key-type-limit', pick(draw.random, HEAVY));
}

function drawKeyUser(draw: Draw, kind: CorpusKind, key: Key): Part {
  const { random, limit, demand } = draw;
  const peakPerSecond = (demand * limit * key.share) / 10;
  const isSteady = !draw.isLong && random() < 0.25;
  const load = drawWorkLoad(draw, peakPerSecond, isSteady);
  const language = drawLanguage(random);
  const isFirstParty = random() < 0.3;
  const client: Client = isFirstParty ? 'storage' : `${language}-keys`;
  const retry =
    isFirstParty && draw.retry === null ? { name: 'net default', retry: LANGUAGE_RETRY.net } : retryOf(draw, language);
  const habit = isFirstParty ? 'seals' : pick(random, ['signs', 'signs', 'seals', 'encrypts'] as const);
  const instances = Math.round(logarithmic(random, 3, isFirstParty ? 150 : 60));
  const keys = whole(random, 1, isFirstParty ? 6 : 3);
  const dataKeys = whole(random, 5, 400);
  const appId = isFirstParty ? pick(random, FIRST_PARTY) : undefined;
  const workMs = between(random, 2, 20);
  return {
    kind,
    role: isSteady ? 'condition' : 'trigger',
    isSteady,
    lastsMs: lastsMs(draw, load),
    parameters: {
      ...{ client, retry: retry.name, instances, keys, dataKeys, habit, keyType: key.type, hsm: key.hsm },
      ...shown(load),
    },
    play(stage) {
      const { instancesPerAddress } = draw;
      const shape = { name: draw.name, client, instances, secrets: 0, instancesPerAddress };
      const options = { retry: retry.retry, isCause: true, ...(appId !== undefined && { appId }) };
      const { application, instances: fleet, world } = stage.fleet(shape, options);
      const onsetMs = stage.onsetMs + draw.offsetMs;
      const names = Array.from({ length: keys }, (_, index) => `${draw.name}-${habit}-${index + 1}`);
      for (const name of names) stage.keys.set(name, key);
      askForEachPiece(world, fleet, {
        ...piecesOf(load, stage, onsetMs, 1),
        choose: (own) => [keyOperation(own, habit, names, dataKeys)],
        ...{ freshClientShare: 0, together: false, workMs, fromMs: stage.fromMs },
      });
      const caller = application.identity.appId;
      return { appId: caller, appIds: [caller], onsetMs };
    },
  };
}

function keyOperation(own: Random, habit: keyof typeof HABITS, names: readonly string[], dataKeys: number): Operation {
  let left = own();
  let chosen = 'KeySign';
  for (const [name, share] of Object.entries(HABITS[habit])) {
    chosen = name;
    left -= share;
    if (left < 0) break;
  }
  const item = Math.floor(own() * dataKeys);
  const key = names[item % names.length] ?? '';
  return { name: chosen, path: `/keys/${key}/4c1c9a3f7c0e4f0fae1f4b6c2b1d8e55/${VERBS[chosen]}`, item: String(item) };
}
