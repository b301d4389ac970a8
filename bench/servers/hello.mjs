import { serve } from './serve.mjs';

serve((_req, res) => res.json({ status: 'ok' }));
