# pass
# As tutorials have it: something lies in the upper layer before anything is mounted, over a file of the images too.
images
echo from above >container/above
echo above >container/c
sleep 0.05
stack image2:image1
change_all
