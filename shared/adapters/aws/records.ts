import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { HeadroomError } from '../../errors.ts';
import type { RecordKey } from '../../model.ts';
import type { Records, Revision, Stored } from '../../ports.ts';
import { checkKey, checkKeyPart, checkLimit, DEFAULT_LIMIT, encodeRecord } from '../bounds.ts';
import type { AwsCall } from './calls.ts';
import { triesOf } from './failure.ts';
import { expiresAtSeconds } from './time-to-live.ts';

/** What a role needs to read, write and list records. */
export const permissions = {
  iam: [
    {
      actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem', 'dynamodb:Query'],
      resources: ['the table'],
    },
  ],
} as const;

type Options = {
  client: DynamoDBClient;
  table: string;
  call: AwsCall;
  /** A name that no other write has. */
  nextRevision: () => Revision;
  /** Epoch milliseconds. */
  now: () => number;
};

type Item = Record<string, AttributeValue>;

/**
 * Records as items of one table:
 *
 * | attribute | type | holds |
 * |---|---|---|
 * | `pk` | S, partition key | the partition; 1,020 of 2,048 bytes at most |
 * | `sk` | S, sort key | the id; 1,020 of 1,024 bytes at most; DynamoDB's order of UTF-8 bytes is the port's |
 * | `json` | S | the value; 256 of the 400 KB that an item may have |
 * | `rev` | S | the revision: a name that the writer gives to this one write |
 * | `expires` | N | epoch seconds for the table's time to live, where a record ends by itself |
 *
 * Every write is conditional on `rev`, every read strongly consistent. No indexes, no transactions, no streams.
 *
 * When the answer to a write is lost and the client's next try meets a conflict, the name tells whether that is the write's
 * own trace: then it is reported as done.
 */
export function createDynamoRecords({ client, table, call, nextRevision, now }: Options): Records {
  async function read(key: RecordKey, abortSignal: AbortSignal): Promise<Item | null> {
    const input = { TableName: table, Key: keyOf(key), ConsistentRead: true };
    const { Item: item } = await client.send(new GetItemCommand(input), { abortSignal });
    return item ?? null;
  }

  async function write(item: Item, key: RecordKey, condition: Condition, abortSignal: AbortSignal) {
    try {
      await client.send(new PutItemCommand({ TableName: table, Item: item, ...condition }), { abortSignal });
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      const standing = triesOf(error) > 1 ? await read(key, abortSignal) : null;
      return textOf(standing, 'rev') === textOf(item, 'rev') ? 'written' : 'conflict';
    }
    return 'written';
  }

  return {
    async get<T>(key: RecordKey): Promise<Stored<T> | null> {
      checkKey(key);
      const item = await call(`reading record ${key.partition} ${key.id}`, (signal) => read(key, signal));
      return item === null ? null : storedOf<T>(item);
    },

    async put(key, value, expected) {
      const json = encodeRecord(key, value);
      const revision = nextRevision();
      const expires = expiresAtSeconds(key, now());
      const item = {
        ...keyOf(key),
        rev: { S: revision },
        json: { S: json },
        ...(expires === null ? {} : { expires: { N: String(expires) } }),
      };
      const outcome = await call(`writing record ${key.partition} ${key.id}`, (signal) =>
        write(item, key, expected === 'absent' ? ABSENT : standsAt(expected), signal),
      );
      return outcome === 'written' ? revision : 'conflict';
    },

    async list<T>(partition: string, { after = '', limit = DEFAULT_LIMIT }: { after?: string; limit?: number } = {}) {
      checkKeyPart('partition', partition);
      checkLimit(limit);
      // A sort key is never empty, and no value that it is compared with may be.
      const input = {
        TableName: table,
        ConsistentRead: true,
        KeyConditionExpression: after === '' ? 'pk = :pk' : 'pk = :pk AND sk > :after',
        ExpressionAttributeValues: { ':pk': { S: partition }, ...(after === '' ? {} : { ':after': { S: after } }) },
      };
      return call(`listing records of ${partition}`, async (abortSignal) => {
        const items: Item[] = [];
        let from: Item | undefined;
        do {
          // A page ends at 1 MB, however many were asked for.
          const page = { ...input, Limit: limit - items.length, ExclusiveStartKey: from };
          const { Items = [], LastEvaluatedKey } = await client.send(new QueryCommand(page), { abortSignal });
          items.push(...Items);
          from = LastEvaluatedKey;
        } while (from !== undefined && items.length < limit);
        return items.map((item) => storedOf<T>(item));
      });
    },

    async delete(key, expected) {
      checkKey(key);
      const condition = standsAt(expected);
      const input = {
        ...condition,
        TableName: table,
        Key: keyOf(key),
        ConditionExpression: `attribute_not_exists(pk) OR ${condition.ConditionExpression}`,
      };
      return call(`deleting record ${key.partition} ${key.id}`, async (abortSignal) => {
        try {
          await client.send(new DeleteItemCommand(input), { abortSignal });
          return 'deleted';
        } catch (error) {
          if (error instanceof ConditionalCheckFailedException) return 'conflict';
          throw error;
        }
      });
    },
  };
}

type Condition = { ConditionExpression: string; ExpressionAttributeValues?: Item };

const ABSENT: Condition = { ConditionExpression: 'attribute_not_exists(pk)' };

function standsAt(revision: Revision): Condition {
  return { ConditionExpression: 'rev = :rev', ExpressionAttributeValues: { ':rev': { S: revision } } };
}

function keyOf({ partition, id }: RecordKey): Item {
  return { pk: { S: partition }, sk: { S: id } };
}

function textOf(item: Item | null, attribute: string): string | undefined {
  return item?.[attribute]?.S;
}

function storedOf<T>(item: Item): Stored<T> {
  const [id, revision, json] = [textOf(item, 'sk'), textOf(item, 'rev'), textOf(item, 'json')];
  if (id === undefined || revision === undefined || json === undefined)
    throw new HeadroomError('invalid', 'an item of the table is no record of Headroom', {
      nextStep: 'give Headroom a table of its own',
    });
  const value: T = JSON.parse(json);
  return { id, value, revision };
}
