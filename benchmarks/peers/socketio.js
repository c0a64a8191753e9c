// Socket.IO with its Redis adapter; node socketio.js PORT REDIS_SOCKET
const { createServer } = require("node:http");
const { createAdapter } = require("@socket.io/redis-adapter");
const { createClient } = require("redis");
const { Server } = require("socket.io");

const [port, path] = process.argv.slice(2);

async function main() {
  const publisher = createClient({ socket: { path } });
  const subscriber = publisher.duplicate();
  await Promise.all([publisher.connect(), subscriber.connect()]);
  const http = createServer();
  const io = new Server(http, {
    transports: ["websocket"],
    adapter: createAdapter(publisher, subscriber),
  });
  io.on("connection", (socket) => {
    const { room } = socket.handshake.query;
    socket.join(room);
    socket.on("m", (text) => io.to(room).emit("m", text));
  });
  http.listen(Number(port), "127.0.0.1");
}

main();
