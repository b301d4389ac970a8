import mongoose from 'mongoose';
import { serve } from './serve.mjs';

// One document by its index, in the least code that reads it.
const connected = mongoose.connect(process.env.MONGODB_URI, { autoIndex: false });
const { ObjectId } = mongoose.Types;
const Profiles = mongoose.model('Profile', new mongoose.Schema({}, { strict: false }));

serve(async (req, res) => {
  await connected;
  const user = new ObjectId(req.path.split('/').at(-1));
  res.json({ user: await Profiles.findOne({ user }).lean() });
});
