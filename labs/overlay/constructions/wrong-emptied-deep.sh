# fail opaque
mkdir -p image1/srv/cache image2 container work merge
echo 1 >image1/both
echo 2 >image2/both
echo a >image1/srv/a
echo b >image1/srv/b
echo old >image1/srv/cache/old
echo older >image1/srv/cache/older
stack image2:image1
echo more >>merge/srv/a
echo new >merge/srv/d
rm merge/srv/b merge/srv/cache/*
