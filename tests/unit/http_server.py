"""An HTTP server for test_fetch: prints its port, and serves what its paths say, until it is killed."""

import http.server
import sys
import time


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"

    def log_message(self, *_):
        pass

    def send(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        port = self.server.server_address[1]
        here = f"http://127.0.0.1:{port}"
        if self.path == "/list":
            self.send(200, b"0123456789")
        elif self.path == "/announced":  # longer than allowed, and says so
            self.send(200, **{"Content-Length": "1000000"})
        elif self.path == "/endless":
            self.send(200)
            while True:
                self.wfile.write(b"x" * 4096)
        elif self.path == "/moved":
            self.send(302, Location=here + "/list")
        elif self.path == "/circle":
            self.send(302, Location=here + "/circle")
        elif self.path == "/file":
            self.send(302, Location="file:///etc/passwd")
        elif self.path == "/https":
            self.send(302, Location=f"https://127.0.0.1:{port}/list")
        elif self.path == "/silent":
            time.sleep(600)
        else:
            self.send(404)


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        pass  # a client that has enough goes away


server = Server(("127.0.0.1", 0), Handler)
server.daemon_threads = True
print(server.server_address[1], flush=True)
sys.stdout.close()
server.serve_forever()
