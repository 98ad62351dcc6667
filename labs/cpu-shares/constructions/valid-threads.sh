# pass
# tools: python3
# The first thread waits for the one that is busy.
groups 512 1024
for group in a b; do
    within $group python3 -c '
import threading
def loop():
    while True: pass
one = threading.Thread(target=loop)
one.start()
one.join()'
done
