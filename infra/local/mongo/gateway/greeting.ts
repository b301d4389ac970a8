import { hostname } from 'node:os';
import { ObjectId } from 'bson';
import type { Call, Handler } from './call.ts';
import { type Document, encode, MAX_MESSAGE_BYTES } from './wire.ts';

/** The version that drivers see: its feature set is what the engine speaks. */
const MONGO_VERSION = '7.0.0';
const WIRE_VERSION = 21;
const ELECTION = new ObjectId('7fffffff0000000000000001');

/** Every answer is made anew, because it tells the time. */
const answer =
  (document: (call: Call) => Document): Handler =>
  (call) =>
    Promise.resolve(encode({ ...document(call), ok: 1 }));

let connections = 0;

const hello = answer(({ request, engine: { address, replicaSet } }) => ({
  ...(request.flag('helloOk') === true && { helloOk: true }),
  ...(request.name === 'hello' ? { isWritablePrimary: true } : { ismaster: true }),
  secondary: false,
  hosts: [address],
  me: address,
  primary: address,
  setName: replicaSet,
  setVersion: 1,
  electionId: ELECTION,
  maxBsonObjectSize: 16 * 1024 * 1024,
  maxMessageSizeBytes: MAX_MESSAGE_BYTES,
  maxWriteBatchSize: 25_000, // the engine's own limit
  localTime: new Date(),
  logicalSessionTimeoutMinutes: 30,
  connectionId: ++connections,
  minWireVersion: 0,
  maxWireVersion: WIRE_VERSION,
  readOnly: false,
}));

const buildInfo = answer(() => ({
  version: MONGO_VERSION,
  versionArray: [...MONGO_VERSION.split('.').map(Number), 0],
  gitVersion: '',
  modules: [],
  sysInfo: 'DocumentDB on PostgreSQL',
  bits: 64,
  debug: false,
  maxBsonObjectSize: 16 * 1024 * 1024,
  storageEngines: ['documentdb'],
}));

const nothing = answer(() => ({}));

/** Commands about the server itself, which need nothing from the engine. */
export const greeting: Readonly<Record<string, Handler>> = {
  hello,
  isMaster: hello,
  ismaster: hello,
  ping: nothing,
  buildInfo,
  buildinfo: buildInfo,
  startSession: nothing,
  refreshSessions: nothing,
  logout: nothing,
  whatsmyuri: answer(() => ({ you: '127.0.0.1:0' })),
  connectionStatus: answer(() => ({
    authInfo: { authenticatedUsers: [], authenticatedUserRoles: [] },
  })),
  getParameter: answer(() => ({ featureCompatibilityVersion: { version: '7.0' } })),
  getCmdLineOpts: answer(() => ({ argv: [], parsed: {} })),
  getLog: answer(() => ({ totalLinesWritten: 0, log: [] })),
  hostInfo: answer(() => ({ system: { hostname: hostname() }, os: { type: 'Linux' }, extra: {} })),
  serverStatus: answer(({ engine: { address, replicaSet } }) => ({
    host: address,
    version: MONGO_VERSION,
    process: 'mongod',
    uptime: process.uptime(),
    localTime: new Date(),
    storageEngine: { name: 'documentdb', supportsCommittedReads: true, persistent: true },
    repl: { setName: replicaSet, ismaster: true, secondary: false, me: address },
  })),
  replSetGetStatus: answer(({ engine: { address, replicaSet } }) => ({
    set: replicaSet,
    date: new Date(),
    myState: 1,
    members: [{ _id: 0, name: address, health: 1, state: 1, stateStr: 'PRIMARY', self: true }],
  })),
};
