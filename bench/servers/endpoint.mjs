import jwt from 'jsonwebtoken';
import mongoose from 'mongoose';
import { serve } from './serve.mjs';

// The queries of two of our endpoints without the rest: no limits, no schemas, no log, no problems.
const pool = { autoIndex: false, maxPoolSize: Number(process.env.MONGODB_MAX_POOL_SIZE) };
const connected = mongoose.connect(process.env.MONGODB_URI, pool);
const model = (name) => mongoose.model(name, new mongoose.Schema({}, { strict: false }));
const [Users, Sessions, Profiles, Assets] = ['User', 'Session', 'Profile', 'MediaAsset'].map(model);
const idOf = (text) => new mongoose.Types.ObjectId(text);

async function profile(id) {
  const [found] = await Promise.all([
    Profiles.findOne({ user: idOf(id) }).lean(),
    Profiles.find({ user: { $in: [idOf(id)] } }, { user: 1, isPrivate: 1, active: 1 }).lean(),
  ]);
  return { user: found };
}

async function asset(id, bearer) {
  const claims = jwt.verify(bearer, process.env.JWT_SECRET);
  await Promise.all([
    Users.findById(idOf(claims.id), { role: 1, status: 1, restrictions: 1 }).lean(),
    Sessions.findOne({ _id: idOf(claims.sid), revokedAt: null }, { user: 1 }).lean(),
  ]);
  return { asset: await Assets.findOne({ _id: idOf(id), owner: idOf(claims.id) }).lean() };
}

serve(async (req, res) => {
  await connected;
  const id = req.path.split('/').at(-1);
  const bearer = req.headers.authorization?.slice('Bearer '.length);
  res.json(await (bearer ? asset(id, bearer) : profile(id)));
});
