# step: up
# advises: right is down
# Whether a request would be answered cannot be told then.
ip -n lab-right link set right down
