# pass
# The upper image layer was made before the lower one: which lies on top is what counts.
mkdir image2 image1 image1/dir container work merge
echo HEllo, c >image2/c
echo image2 >image2/both
sleep 0.05
echo image1 >image1/both
echo Hello, a >image1/a
echo Hello, b >image1/b
echo old >image1/dir/old
stack image2:image1
change_all
