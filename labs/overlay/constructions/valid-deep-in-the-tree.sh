# pass
# Every change is some folders down, and at the top there is nothing but a folder.
mkdir -p image1/srv/app/cache image2/srv/app container work merge
echo 1 >image1/srv/app/version
echo 2 >image2/srv/app/version
echo port=80 >image1/srv/app/conf
echo debug >image1/srv/app/log
echo old >image1/srv/app/cache/old
stack image2:image1
echo port=8080 >>merge/srv/app/conf
echo 1 >merge/srv/app/pid
rm merge/srv/app/log
rm -r merge/srv/app/cache
mkdir merge/srv/app/cache
