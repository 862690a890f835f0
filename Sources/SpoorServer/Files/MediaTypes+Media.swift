/// The known media types of text, images, audio, video and models, by the suffixes of file names.
///
/// The suffixes are those of IANA's registry and those in common use, as in Debian's list of media types, with a few
/// additions.
extension MediaTypes {
    /// The types and their suffixes, `type=suffix,suffix`, by the prefix of the types.
    static let otherTypes: [(prefix: String, types: String)] = [
        (
            "audio/",
            """
            32kadpcm=726 aac=aac,adts,ass ac3=ac3 AMR=amr AMR-WB=awb annodex=axa asc=acn
            ATRAC-ADVANCED-LOSSLESS=aal ATRAC-X=atx ATRAC3=aa3,at3,omg basic=au,snd
            csound=csd,orc,sco dls=dls EVRC=evc EVRC-QCP=qcp EVRCB=evb EVRCNW=enw EVRCWB=evw
            flac=flac iLBC=lbc L16=l16 mhas=mhas mobile-xmf=mxmf mp4=m4a mpeg=mp1,mp2,mp3,mpega,mpga
            mpegurl=m3u ogg=oga,ogg,opus,spx prs.sid=psid,sid SMV=smv sofa=sofa sp-midi=mid
            usac=loas,xhe
            """
        ),
        (
            "audio/vnd.",
            """
            audiokoz=koz dece.audio=uva,uvva digital-winds=eol dolby.mlp=mlp dts=dts dts.hd=dtshd
            everad.plj=plj lucent.voice=lvp ms-playready.media.pya=pya nortel.vbk=vbk
            nuera.ecelp4800=ecelp4800 nuera.ecelp7470=ecelp7470 nuera.ecelp9600=ecelp9600
            presonus.multitrack=multitrack rip=rip sealedmedia.softseal.mpeg=s1m,smp,smp3
            """
        ),
        (
            "audio/x-",
            """
            aiff=aif,aifc,aiff gsm=gsm ms-wax=wax ms-wma=wma pn-realaudio=ra,ram,rm scpls=pls
            sd2=sd2 wav=wav
            """
        ),
        (
            "chemical/",
            """
            x-alchemy=alc x-cache=cac,cache x-cache-csf=csf x-cactvs-binary=cascii,cbin,ctab
            x-cdx=cdx x-chem3d=c3d x-cmdf=cmdf x-compass=cpa x-crossfire=bsd x-csml=csm,csml
            x-ctx=ctx x-cxf=cef,cxf x-embl-dl-nucleotide=emb,embl x-galactic-spc=spc
            x-gamess-input=gam,gamin,inp x-gaussian-checkpoint=fch,fchk x-gaussian-cube=cub
            x-gaussian-input=gau,gjc,gjf x-gaussian-log=gal x-gcg8-sequence=gcg x-genbank=gen
            x-hin=hin x-isostar=ist,istr x-jcamp-dx=dx,jdx x-kinemage=kin x-macmolecule=mcm
            x-macromodel-input=mmod x-mdl-molfile=mol x-mdl-rdfile=rd x-mdl-rxnfile=rxn
            x-mdl-sdfile=sd x-mdl-tgf=tgf x-mmcif=mcif x-molconn-Z=b x-mopac-graph=gpt
            x-mopac-input=mop,mopcrt,zmt x-mopac-out=moo x-mopac-vib=mvb x-ncbi-asn1=asn
            x-ncbi-asn1-ascii=prt x-ncbi-asn1-binary=val x-rosdal=ros x-swissprot=sw
            x-vamas-iso14976=vms x-vmd=vmd x-xtel=xtel x-xyz=xyz
            """
        ),
        (
            "font/",
            """
            collection=ttc otf=otf ttf=ttf woff=woff woff2=woff2
            """
        ),
        (
            "image/",
            """
            aces=exr apng=apng avci=avci avcs=avcs avif=avif,hif bmp=bmp cgm=cgm dicom-rle=drle
            dpx=dpx emf=emf fits=fit,fits,fts gif=gif heic=heic heic-sequence=heics heif=heif
            heif-sequence=heifs hej2k=hej2 hsj2=hsj2 ief=ief jls=jls jp2=jp2,jpg2
            jpeg=jfif,jpe,jpeg,jpg jph=jph jphc=jhc,jphc jpm=jpgm,jpm jpx=jpf,jpx jxl=jxl jxr=jxr
            jxrA=jxra jxrS=jxrs jxs=jxs jxsc=jxsc jxsi=jxsi jxss=jxss ktx=ktx ktx2=ktx2 png=png
            prs.btif=btf,btif prs.pti=pti svg+xml=svg,svgz tiff=tif,tiff tiff-fx=tfx webp=webp
            wmf=wmf
            """
        ),
        (
            "image/vnd.",
            """
            adobe.photoshop=psd airzip.accelerator.azv=azv dece.graphic=uvg,uvi,uvvg,uvvi
            djvu=djv,djvu dwg=dwg dxf=dxf fastbidsheet=fbs fpx=fpx fst=fst fujixerox.edmics-mmr=mmr
            fujixerox.edmics-rlc=rlc globalgraphics.pgb=pgb microsoft.icon=ico ms-modi=mdi
            pco.b16=b16 radiance=hdr,rgbe,xyze sealed.png=s1n,spn,spng
            sealedmedia.softseal.gif=s1g,sgi,sgif sealedmedia.softseal.jpg=s1j,sjp,sjpg
            tencent.tap=tap valve.source.texture=vtf wap.wbmp=wbmp xiff=xif zbrush.pcx=pcx
            """
        ),
        (
            "image/x-",
            """
            canon-cr2=cr2 canon-crw=crw cmu-raster=ras coreldraw=cdr coreldrawpattern=pat
            coreldrawtemplate=cdt epson-erf=erf jg=art jng=jng nikon-nef=nef olympus-orf=orf
            portable-anymap=pnm portable-bitmap=pbm portable-graymap=pgm portable-pixmap=ppm rgb=rgb
            xbitmap=xbm xcf=xcf xpixmap=xpm xwindowdump=xwd
            """
        ),
        (
            "message/",
            """
            global=u8msg global-delivery-status=u8dsn global-disposition-notification=u8mdn
            global-headers=u8hdr rfc822=eml,mail
            """
        ),
        (
            "model/",
            """
            gltf+json=gltf gltf-binary=glb iges=iges,igs JT=jt mesh=mesh,msh,silo mtl=mtl obj=obj
            prc=prc step=step,stp step+xml=stpx step+zip=stpz step-xml+zip=stpxz stl=stl u3d=u3d
            vnd.cld=cld vnd.collada+xml=dae vnd.dwf=dwf vnd.gdl=dor,gdl,ism,lmp,msm,rsm,win
            vnd.gtw=gtw vnd.moml+xml=moml vnd.mts=mts vnd.opengex=ogex
            vnd.parasolid.transmit.binary=x_b,xmt_bin vnd.parasolid.transmit.text=x_t,xmt_txt
            vnd.pytha.pyox=pyox vnd.sap.vds=vds vnd.usda=usda vnd.usdz+zip=usdz
            vnd.valve.source.compiled-map=bsp vnd.vtu=vtu vrml=vrm,vrml,wrl x3d+fastinfoset=x3db
            x3d+xml=x3d,x3dz x3d-vrml=x3dv,x3dvz
            """
        ),
        (
            "multipart/",
            """
            vnd.bint.med-plus=bmed voice-message=vpm
            """
        ),
        (
            "text/",
            """
            asciidoc=adoc cache-manifest=appcache,manifest calendar=ics,ifb cql=cql css=css csv=csv
            csv-schema=csvs dns=soa,zone gff3=gff3 html=htm,html,shtml javascript=es,js,mjs
            jcr-cnd=cnd markdown=markdown,md mizar=miz n3=n3 plain=brf,conf,log,pot,srt,text,txt
            provenance-notation=provn prs.fallenstein.rst=rst prs.lines.tag=dsc,tag SGML=sgm,sgml
            shaclc=shaclc,shc shex=shex spdx=spdx tab-separated-values=tsv texmacs=tm
            troff=roff,t,tr turtle=ttl uri-list=uri,uris vcard=vcard,vcf vtt=vtt wgsl=wgsl
            """
        ),
        (
            "text/vnd.",
            """
            a=a abc=abc ascii-art=ascii curl=curl debian.copyright=copyright DMClientScript=dms
            esmertec.theme-descriptor=jtd exchangeable=vfk familysearch.gedcom=ged ficlab.flt=flt
            fly=fly fmi.flexstor=flx graphviz=dot,gv hans=hans hgl=hgl in3d.3dml=3dm,3dml
            in3d.spot=spo,spot ms-mediapackage=mpf net2phone.commcenter.command=ccc
            senx.warpscript=mc2 sosi=sos sun.j2me.app-descriptor=jad trolltech.linguist=ts wap.si=si
            wap.sl=sl wap.wml=wml wap.wmlscript=wmls
            """
        ),
        (
            "text/x-",
            """
            bibtex=bib boo=boo c++hdr=h++,hh,hpp,hxx c++src=c++,cc,cpp,cxx chdr=h component=htc
            csrc=c diff=diff,patch dsrc=d haskell=hs java=java lilypond=ly literate-haskell=lhs
            moc=moc pascal=p,pas pcs-gcd=gcd perl=pl,pm python=py scala=scala setext=etx sfv=sfv
            tcl=tk tex=cls,ltx,sty,tex vcalendar=vcs
            """
        ),
        (
            "video/",
            """
            annodex=axv dv=dif,dv fli=fli gl=gl iso.segment=m4s mj2=mj2,mjp2 mp4=m4v,mp4,mpg4
            mpeg=m1v,m2v,mpe,mpeg,mpg ogg=ogv quicktime=mov,qt webm=webm
            """
        ),
        (
            "video/vnd.",
            """
            dece.hd=uvh,uvvh dece.mobile=uvm,uvvm dece.mp4=uvu,uvvu dece.pd=uvp,uvvp
            dece.sd=uvs,uvvs dece.video=uvv,uvvv dvb.file=dvb fvt=fvt mpegurl=m4u,mxu
            ms-playready.media.pyv=pyv nokia.interleaved-multimedia=nim radgamettools.bink=bik,bk2
            radgamettools.smacker=smk sealed.mpeg1=s11,smpg sealed.mpeg4=s14 sealed.swf=ssw,sswf
            sealedmedia.softseal.mov=s1q,smo,smov vivo=viv youtube.yt=yt
            """
        ),
        (
            "video/x-",
            """
            flv=flv la-asf=lsf,lsx matroska=mkv,mpv mng=mng ms-wm=wm ms-wmv=wmv ms-wmx=wmx
            ms-wvx=wvx msvideo=avi sgi-movie=movie
            """
        ),
    ]
}
