# step: pair
ip -n lab-left link del left
